//! One clock and its alarms.

use super::*;

fn minute(count: i64) -> Moment {
    Moment::from_ms(0) + Span::minutes(count)
}

#[test]
fn a_paused_clock_uses_nothing_and_its_due_time_moves() {
    let calendar = Calendar::always();
    let mut clock = SlaClock::started(Key::new(RESOLUTION).unwrap(), Span::minutes(60), minute(0));
    assert_eq!(clock.due_at(&calendar), Some(minute(60)));
    clock.pause(&calendar, minute(20));
    assert_eq!(clock.due_at(&calendar), None);
    clock.resume(minute(100));
    assert_eq!(clock.due_at(&calendar), Some(minute(140)));
    assert_eq!(clock.reaches(&calendar, Span::minutes(30)), Some(minute(110)));
    clock.meet(&calendar, minute(120));
    assert_eq!(clock.used, Span::minutes(40));
}

#[test]
fn alarms_come_in_the_order_of_their_time_and_go_on_while_it_is_overdue() {
    let target =
        Target { warn_percent: vec![50, 100, 150], overdue_every_minutes: Some(20), ..Target::default() };
    let mut clock = SlaClock::started(Key::new(RESOLUTION).unwrap(), Span::minutes(60), minute(0));
    let mut raised = Vec::new();
    while raised.len() < 6 {
        let alarm = clock.next_alarm(&target).unwrap();
        raised.push((alarm.used.ms() / 60_000, alarm.percent, alarm.overdue_minutes));
        clock.raised(alarm.percent, alarm.overdue_minutes);
    }
    let expected = [(30, 50, 0), (60, 100, 0), (80, 133, 20), (90, 150, 0), (100, 166, 40), (120, 200, 60)];
    assert_eq!(raised, expected);
    let plain = Target { warn_percent: vec![50], ..Target::default() };
    assert_eq!(clock.next_alarm(&plain), None);
    // A longer limit takes back what is not reached any more.
    clock.limit_to(Span::minutes(200), Span::minutes(100));
    assert_eq!((clock.warned_percent, clock.overdue_minutes), (50, 0));
}
