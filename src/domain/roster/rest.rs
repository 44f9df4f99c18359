//! Rest between shifts: who is planned for too long without one; pure.

use std::collections::BTreeMap;

use super::{Absence, Shift, ShiftKind};
use crate::domain::{ClientId, Moment, PersonId, Span};

/// Hours between two shifts that are a rest, where no client says otherwise: those of directive 2003/88/EC.
pub const REST_HOURS: i64 = 11;
/// The longest rest that a client may want.
pub const REST_HOURS_MAX: i64 = 20;
/// Somebody needs one rest within so much time.
const DAY_HOURS: i64 = 24;

/// Work of one person, from the beginning of a shift to the end of one, with no rest in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrested {
    pub person: PersonId,
    pub from: Moment,
    pub to: Moment,
    /// Hours that would have been a rest.
    pub rest_hours: i64,
}

/// Stretches of work that leave no rest within 24 hours, by person and time. `rest_hours` says what a rest is for a
/// shift of a client, or of all; 0: nobody looks. Somebody on call is not at work, somebody who is away neither.
#[must_use]
pub fn unrested(
    shifts: &[Shift],
    absences: &[Absence],
    rest_hours: impl Fn(Option<ClientId>) -> i64,
) -> Vec<Unrested> {
    let is_away = |shift: &Shift| {
        absences
            .iter()
            .any(|away| away.person == shift.person && away.from <= shift.from && shift.to <= away.to)
    };
    let mut people: BTreeMap<PersonId, Vec<&Shift>> = BTreeMap::new();
    for shift in shifts.iter().filter(|shift| shift.kind != ShiftKind::OnCall && !is_away(shift)) {
        people.entry(shift.person).or_default().push(shift);
    }
    let mut found = Vec::new();
    for (person, mut own) in people {
        own.sort_by_key(|shift| (shift.from, shift.to));
        let mut stretch: Option<Unrested> = None;
        for shift in own {
            let wanted = rest_hours(shift.client);
            match &mut stretch {
                Some(before) if shift.from < before.to + Span::hours(before.rest_hours.max(wanted)) => {
                    before.to = before.to.max(shift.to);
                    before.rest_hours = before.rest_hours.max(wanted);
                }
                _ => {
                    let begun = Unrested { person, from: shift.from, to: shift.to, rest_hours: wanted };
                    found.extend(stretch.replace(begun));
                }
            }
        }
        found.extend(stretch);
    }
    found.retain(|one| one.rest_hours > 0 && one.to - one.from > Span::hours(DAY_HOURS - one.rest_hours));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::roster::AbsenceKind;
    use crate::domain::{AbsenceId, ShiftId};

    fn shift(person: i64, from: i64, to: i64) -> Shift {
        let hour = |hours: i64| Moment::from_ms(Span::hours(hours).ms());
        Shift {
            id: ShiftId(1),
            person: PersonId(person),
            from: hour(from),
            to: hour(to),
            kind: ShiftKind::Regular,
            queue: None,
            client: None,
            note: None,
            series: None,
            version: 1,
        }
    }

    fn found(shifts: &[Shift]) -> Vec<(i64, i64, i64)> {
        let hours = |at: Moment| at.ms() / Span::hours(1).ms();
        let all = unrested(shifts, &[], |_| REST_HOURS);
        all.iter().map(|one| (one.person.0, hours(one.from), hours(one.to))).collect()
    }

    #[test]
    fn a_day_without_a_rest_of_eleven_hours_is_found() {
        // Eight to eight, day after day; a night after a day; a day that ends late and one that begins early.
        assert_eq!(found(&[shift(1, 8, 20), shift(1, 32, 44)]), []);
        assert_eq!(found(&[shift(1, 8, 20), shift(1, 20, 32)]), [(1, 8, 32)]);
        assert_eq!(found(&[shift(1, 12, 23), shift(1, 31, 40)]), [(1, 12, 40)]);
        // A split day is one stretch: nine to twelve and five to ten are thirteen hours, one more is too much.
        assert_eq!(found(&[shift(1, 9, 12), shift(1, 17, 22)]), []);
        assert_eq!(found(&[shift(1, 9, 12), shift(1, 17, 23)]), [(1, 9, 23)]);
        // Others' shifts are others'.
        assert_eq!(found(&[shift(1, 8, 20), shift(2, 20, 32)]), []);
        assert_eq!(found(&[shift(2, 0, 14), shift(1, 0, 24)]), [(1, 0, 24), (2, 0, 14)]);
        assert_eq!(found(&[]), []);
    }

    #[test]
    fn who_is_on_call_or_away_does_not_work_and_each_client_says_what_a_rest_is() {
        let on_call = Shift { kind: ShiftKind::OnCall, ..shift(1, 20, 32) };
        assert_eq!(found(&[shift(1, 8, 20), on_call]), []);
        let (day, night) = (shift(1, 8, 20), shift(1, 20, 32));
        let away = Absence {
            id: AbsenceId(1),
            person: PersonId(1),
            from: night.from,
            to: night.to,
            kind: AbsenceKind::Sick,
            version: 1,
        };
        assert_eq!(unrested(&[day.clone(), night.clone()], &[away], |_| REST_HOURS), []);
        assert_eq!(unrested(&[day.clone(), night.clone()], &[], |_| 0), []);
        // Of two clients the longer rest counts.
        let theirs = Shift { client: Some(ClientId(2)), ..shift(1, 30, 34) };
        let hours = |client: Option<ClientId>| if client.is_some() { 12 } else { 8 };
        let both = unrested(&[day, theirs], &[], hours);
        assert_eq!(both.iter().map(|one| one.rest_hours).collect::<Vec<_>>(), [12]);
    }
}
