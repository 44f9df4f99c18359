//! The demo's people: the desk's staff, departments, a partner's, a client's, and engineers of every city.

use super::dice::login_of;
use super::geography::{COUNTRIES, City, Country, Crew};
use super::maker::{Maker, Somebody, key, made};
use crate::domain::command::{Command, PutContact};
use crate::domain::person::{Affiliation, EngineerProfile, Role};
use crate::domain::{ClientId, ContactId, Language, PartnerId, PersonId, SubClientId};

/// Open work orders that an engineer carries at once.
const ORDERS_AT_ONCE: i64 = 4;

/// Login, name, roles and queues of the staff for the bank's client.
const STAFF: &[(&str, &str, &[Role], &[&str])] = &[
    ("dispatcher", "Ольга Мельникова", &[Role::Dispatcher], &["dispatchers"]),
    ("g.dispatcher", "Гульнара Садыкова", &[Role::Dispatcher], &["dispatchers"]),
    ("n.dispatcher", "Никита Белов", &[Role::Dispatcher], &["dispatchers"]),
    ("operator", "Анна Крылова", &[Role::Operator], &["line_0", "line_1"]),
    ("m.egorova", "Мария Егорова", &[Role::Operator], &["line_0"]),
    ("k.sarkisov", "Карен Саркисов", &[Role::Operator], &["line_0", "line_1"]),
    ("d.kim", "Диана Ким", &[Role::Operator], &["line_0"]),
    ("v.polyakov", "Виктор Поляков", &[Role::Operator], &["line_1", "line_2"]),
    ("a.nurmagambetova", "Айгерим Нурмагамбетова", &[Role::Operator], &["line_0", "line_1"]),
    ("expert", "Глеб Широков", &[Role::Operator], &["line_2"]),
    ("controller", "Елена Власова", &[Role::Controller], &[]),
    ("r.khakimova", "Рано Хакимова", &[Role::Controller], &[]),
    ("commercial", "Станислав Рогов", &[Role::DepartmentMember], &["commercial"]),
    ("y.serova", "Юлия Серова", &[Role::DepartmentMember], &["commercial"]),
    ("logistics", "Рустам Валиев", &[Role::DepartmentMember], &["global_logistics"]),
    ("purchasing", "Татьяна Гусева", &[Role::DepartmentMember], &["purchasing"]),
    ("bank-support", "Артур Хачатрян", &[Role::DepartmentMember], &["bank_support"]),
];

const PARTNER_PEOPLE: &[(&str, &str)] =
    &[("local-service", "Ринат Галимов"), ("s.abenov", "Санжар Абенов"), ("l.ten", "Лариса Тен")];

/// Login, name, queues of the IT desk's staff.
const IT_STAFF: &[(&str, &str, &[&str])] = &[
    ("it-operator", "Emma Clarke", &["service_desk", "group_70", "group_25"]),
    ("o.hughes", "Oliver Hughes", &["service_desk", "group_24", "group_27"]),
    ("s.novak", "Sofia Novak", &["group_28", "group_23", "group_54"]),
];

/// People of both clients, and one administrator of everything.
pub fn staff(maker: &mut Maker, bank: ClientId, it_desk: ClientId) -> anyhow::Result<()> {
    let admin = maker.person(Somebody::staff("admin", "Максим Ветров"))?;
    maker.access(admin, None, &[Role::Administrator], &[])?;
    let supervisor = maker.person(Somebody::staff("supervisor", "Ирина Соколова"))?;
    maker.access(supervisor, None, &[Role::Supervisor], &["shift_supervisor"])?;
    for (login, name, roles, queues) in STAFF {
        let person = maker.person(Somebody::staff(login, name))?;
        maker.access(person, Some(bank), roles, queues)?;
    }
    for (login, name, queues) in IT_STAFF {
        let person = maker.person(Somebody {
            language: Language::En,
            time_zone: "Europe/London",
            ..Somebody::staff(login, name)
        })?;
        maker.access(person, Some(it_desk), &[Role::Operator], queues)?;
    }
    Ok(())
}

/// The local service company, whose people see only what is passed to them.
pub fn partner(maker: &mut Maker, bank: ClientId) -> anyhow::Result<()> {
    let put = Command::PutPartner {
        id: None,
        version: None,
        key: key("local-service"),
        name: "Местный Сервис".to_owned(),
    };
    let partner = PartnerId(made(&maker.run(put)?)?);
    for (login, name) in PARTNER_PEOPLE {
        let affiliation = Affiliation::Partner { partner };
        let person = maker.person(Somebody { affiliation, ..Somebody::staff(login, name) })?;
        maker.access(person, Some(bank), &[Role::PartnerMember], &["local_service"])?;
    }
    Ok(())
}

/// Somebody who calls from a bank.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    pub contact: ContactId,
    pub bank: SubClientId,
}

/// Who calls from the banks; the first can log in.
pub fn contacts(maker: &mut Maker, bank: ClientId, subs: &[SubClientId]) -> anyhow::Result<Vec<Caller>> {
    const NAMES: &[&str] = &[
        "Наталья Ким",
        "Георгий Левин",
        "Сауле Омарова",
        "Виктория Лукина",
        "Камола Рашидова",
        "Армен Давтян",
        "Нурия Сафина",
        "Айбек Молдобаев",
        "Огулджан Атаева",
        "Константин Жуков",
    ];
    let mut contacts = Vec::new();
    for (place, name) in NAMES.iter().enumerate() {
        let own = subs[place % subs.len()];
        let put = PutContact {
            id: None,
            version: None,
            client: bank,
            sub_client: Some(own),
            name: (*name).to_owned(),
            email: Some(format!("{}@bank.example", login_of(name))),
            phone: Some(format!("+7 495 555-{:02}-{:02}", 20 + place, 11 + 7 * place)),
        };
        let contact = ContactId(made(&maker.run(Command::PutContact(Box::new(put)))?)?);
        contacts.push(Caller { contact, bank: own });
    }
    // As no contact of one sub-client, this person meets the whole client.
    let affiliation = Affiliation::Contact { client: bank, contact: None };
    let person = maker.person(Somebody { affiliation, ..Somebody::staff("client", NAMES[0]) })?;
    maker.access(person, Some(bank), &[Role::ClientContact], &[])?;
    Ok(contacts)
}

/// Engineers of both grades in every city, with a technical lead for each country.
pub fn engineers(maker: &mut Maker, bank: ClientId) -> anyhow::Result<()> {
    for country in COUNTRIES {
        let mut names = Names { country, next: 0 };
        let capital = &country.cities[0];
        let lead = engineer(maker, bank, &mut names, capital, 3, &["ncr", "dn", "grg"], None)?;
        for city in country.cities {
            if city.crew == Crew::OffDuty {
                engineer(maker, bank, &mut names, city, 2, &["ncr", "dn", "grg"], Some(lead))?;
                continue;
            }
            for (grade, certificates) in [
                (1, &["ncr", "dn"][..]),
                (1, &["dn", "grg"]),
                (1, &["ncr", "grg"]),
                (2, &["ncr", "dn", "grg"]),
                (2, &["ncr", "dn", "grg"]),
            ] {
                engineer(maker, bank, &mut names, city, grade, certificates, Some(lead))?;
            }
        }
    }
    Ok(())
}

/// The logins of the first engineers of Almaty, by which a visitor tries the engineer's side.
pub const SHOWN_CITY: &str = "Алматы";

fn engineer(
    maker: &mut Maker,
    bank: ClientId,
    names: &mut Names,
    city: &City,
    grade: i64,
    certificates: &[&str],
    lead: Option<PersonId>,
) -> anyhow::Result<PersonId> {
    let name = names.next();
    let shown = match (city.name == SHOWN_CITY, grade) {
        (true, 1) if !maker.people.contains_key("engineer") => Some("engineer"),
        (true, 2) if !maker.people.contains_key("engineer-2") => Some("engineer-2"),
        _ => None,
    };
    let login = shown.map_or_else(|| login_of(&name), str::to_owned);
    let mut languages = vec!["ru".to_owned()];
    if names.country.language != "ru" {
        languages.push(names.country.language.to_owned());
    }
    let digits = (maker.dice.below(90) + 10, maker.dice.below(90) + 10);
    let person = maker.person(Somebody {
        phone: Some(format!("{}-{:02}-{:02}", names.country.phone_prefix, digits.0, digits.1)),
        time_zone: city.time_zone,
        engineer: Some(EngineerProfile {
            grade,
            city: city.name.to_owned(),
            certificates: certificates.iter().map(|one| (*one).to_owned()).collect(),
            languages,
            lead,
        }),
        capacity: ORDERS_AT_ONCE,
        is_on_duty: city.crew == Crew::Full,
        ..Somebody::staff(&login, &name)
    })?;
    maker.access(person, Some(bank), &[Role::Engineer], &[])?;
    Ok(person)
}

struct Names {
    country: &'static Country,
    next: usize,
}

impl Names {
    fn next(&mut self) -> String {
        let (given, family) = (self.country.given, self.country.family);
        let place = self.next;
        self.next += 1;
        format!("{} {}", given[place % given.len()], family[(place + place / given.len()) % family.len()])
    }
}
