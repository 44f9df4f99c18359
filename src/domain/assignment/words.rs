//! Why somebody was not chosen, in a sentence of each language. Moments stay as they are: who shows them knows the
//! reader's zone.

use super::{Measure, RejectionReason};
use crate::domain::Language;

impl RejectionReason {
    #[must_use]
    pub fn words(&self, language: Language) -> String {
        match language {
            Language::En => self.english(),
            Language::Ru => self.russian(),
        }
    }

    fn english(&self) -> String {
        match self {
            RejectionReason::NotAnEngineer => "not an engineer".to_owned(),
            RejectionReason::MayNotServe => "may not work on this client's tickets".to_owned(),
            RejectionReason::OffDuty => "off duty".to_owned(),
            RejectionReason::OffShift { next_from: Some(at) } => format!("off shift until {at}"),
            RejectionReason::OffShift { next_from: None } => "off shift, none is planned".to_owned(),
            RejectionReason::Absent { until } => format!("absent until {until}"),
            RejectionReason::OtherCity { city } => format!("lives in {city}"),
            RejectionReason::GradeTooLow { grade } => format!("grade {grade} is too low"),
            RejectionReason::CertificateMissing { certificate } => format!("lacks certificate {certificate}"),
            RejectionReason::NoCommonLanguage => "speaks none of the languages".to_owned(),
            RejectionReason::Excluded => "excluded".to_owned(),
            RejectionReason::AtCapacity { load, capacity } => format!("busy: {load} of {capacity}"),
            RejectionReason::Outranked { load, by, .. } => format!("another {} (load {load})", by.words()),
        }
    }

    fn russian(&self) -> String {
        match self {
            RejectionReason::NotAnEngineer => "не инженер".to_owned(),
            RejectionReason::MayNotServe => "не работает с заявками этого клиента".to_owned(),
            RejectionReason::OffDuty => "не на работе".to_owned(),
            RejectionReason::OffShift { next_from: Some(at) } => format!("не на смене до {at}"),
            RejectionReason::OffShift { next_from: None } => "не на смене, новых смен нет".to_owned(),
            RejectionReason::Absent { until } => format!("отсутствует до {until}"),
            RejectionReason::OtherCity { city } => format!("живёт в другом городе: {city}"),
            RejectionReason::GradeTooLow { grade } => format!("разряд {grade} ниже нужного"),
            RejectionReason::CertificateMissing { certificate } => format!("нет сертификата {certificate}"),
            RejectionReason::NoCommonLanguage => "не говорит ни на одном из языков".to_owned(),
            RejectionReason::Excluded => "исключён сценарием".to_owned(),
            RejectionReason::AtCapacity { load, capacity } => format!("занят: {load} из {capacity}"),
            RejectionReason::Outranked { load, by, .. } => {
                format!("есть тот, кто {} (заявок: {load})", better(*by))
            }
        }
    }
}

/// What the one who was chosen is better by, after "the one who".
fn better(by: Measure) -> &'static str {
    match by {
        Measure::OnCall => "на работе, а не на дежурстве",
        Measure::Asset => "знает оборудование",
        Measure::Grade => "ближе по разряду",
        Measure::Load => "загружен меньше",
        Measure::Turn => "ждёт дольше",
        Measure::ClientSpecialist => "знает клиента",
        Measure::ProductSpecialist => "знает модель",
        Measure::TechnicalManager => "отвечает за клиента",
        Measure::City => "живёт в этом городе",
        Measure::Territory => "обслуживает эту территорию",
        Measure::Distance => "ближе",
        Measure::Unlocated => "с известными координатами",
        Measure::Order => "раньше в списке",
    }
}
