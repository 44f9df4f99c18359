//! The everyday requests of a week: most go the straight way from the call to the accepted report.

use super::dice::Dice;
use super::story::{Act, REQUEST, Story, Where};
use crate::domain::event::Visibility::Public;
use crate::domain::ticket::{Channel, Level};
use crate::domain::work_order::Stage;

/// How many there are in the days before the present.
pub const ROUTINE_COUNT: usize = 110;
/// How far back they begin, in minutes.
const MINUTES_BACK_MAX: usize = 6 * 24 * 60;

const TAKEN: Act = Act::Say("operator", Public, "Заявка принята, назначаем инженера.");
const TAKEN_EN: Act = Act::Say("k.sarkisov", Public, "Thank you, an engineer is being assigned.");

const QUICK: &[(i64, Act)] = &[
    (3, TAKEN),
    (8, Act::Move(Stage::Accepted)),
    (25, Act::Move(Stage::OnTheWay)),
    (62, Act::Move(Stage::Arrived)),
    (85, Act::End(Stage::Done, "repaired", "Чек извлечён, тракт прочищен, тестовая печать в норме.")),
    (95, Act::HandIn),
    (150, Act::Accept),
];
const ORDINARY: &[(i64, Act)] = &[
    (12, TAKEN),
    (34, Act::Move(Stage::Accepted)),
    (190, Act::Move(Stage::OnTheWay)),
    (255, Act::Move(Stage::Arrived)),
    (340, Act::End(Stage::Done, "repaired", "Узел отрегулирован, проведён тест на 20 операций.")),
    (380, Act::HandIn),
    (545, Act::Accept),
];
const SLOW: &[(i64, Act)] = &[
    (40, TAKEN_EN),
    (58, Act::Move(Stage::Accepted)),
    (600, Act::Move(Stage::OnTheWay)),
    (680, Act::Move(Stage::Arrived)),
    (790, Act::End(Stage::Done, "repaired", "Module replaced, self-test passed.")),
    (815, Act::HandIn),
    (1_100, Act::Accept),
];
const REMOTE: &[(i64, Act)] = &[
    (4, Act::Assign("operator", "v.polyakov")),
    (9, Act::Say("v.polyakov", Public, "Перезапускаем приложение удалённо.")),
    (21, Act::End(Stage::Cancelled, "", "Решено удалённо, выезд не нужен.")),
    (24, Act::Resolve("v.polyakov", "solved_remotely", "После перезапуска банкомат обслуживает клиентов.")),
    (700, Act::Close("operator", "solved_remotely")),
];

struct Kind {
    category: &'static str,
    subject: &'static str,
    description: &'static str,
    urgency: Level,
    channel: Channel,
    steps: &'static [(i64, Act)],
}

const fn kind(category: &'static str, subject: &'static str, description: &'static str) -> Kind {
    Kind { category, subject, description, urgency: Level::Medium, channel: Channel::Phone, steps: ORDINARY }
}

static KINDS: &[Kind] = &[
    Kind {
        steps: QUICK, ..kind("receipt_jam", "Замятие чека", "Банкомат пишет «чек недоступен».")
    },
    Kind {
        steps: QUICK, urgency: Level::Low, ..kind("paper_roll", "Закончилась чековая лента", "")
    },
    Kind {
        steps: QUICK,
        channel: Channel::Email,
        ..kind("receipt_jam", "Receipt printer jammed", "Customers get no receipt since the morning.")
    },
    Kind {
        urgency: Level::Low,
        ..kind("cctv_setup", "Настроить камеру над банкоматом", "Нет картинки с верхней камеры.")
    },
    Kind {
        urgency: Level::High,
        ..kind("cash_dispense_fault", "Не выдаёт наличные", "Ошибка диспенсера, очередь клиентов.")
    },
    Kind {
        channel: Channel::Monitoring,
        ..kind("cash_intake_fault", "Не принимает купюры", "Мониторинг: модуль приёма в ошибке.")
    },
    Kind {
        steps: SLOW,
        channel: Channel::Email,
        ..kind("card_reader_fault", "Card reader does not return cards", "Two cards were captured today.")
    },
    kind("card_reader_fault", "Картридер не читает карты", "Карты с чипом не распознаются."),
    Kind { steps: SLOW, ..kind("keypad_fault", "Screen keypad: key 5 does not answer", "") },
    kind("screen_fault", "Полосы на экране", "Текст не читается."),
    Kind {
        steps: REMOTE,
        channel: Channel::Monitoring,
        ..kind("software_fault", "Приложение зависло на заставке", "")
    },
    Kind {
        urgency: Level::High,
        channel: Channel::Monitoring,
        ..kind("network_down", "Нет связи с банкоматом", "Мониторинг: нет ответа 15 минут.")
    },
    kind("power_down", "Нет питания", "После отключения света не включился."),
];

/// The stories, each on a machine that chance picks.
pub fn stories(dice: &mut Dice, cities: &[&'static str]) -> Vec<Story> {
    let one = |_| {
        let kind = dice.one_of(KINDS);
        Story {
            opened_before: 20 + dice.below(MINUTES_BACK_MAX) as i64,
            machine: Where::City(dice.one_of::<&'static str>(cities), dice.below(64)),
            category: kind.category,
            urgency: kind.urgency,
            channel: kind.channel,
            subject: kind.subject,
            description: kind.description,
            by: dice.one_of::<&'static str>(&[
                "operator",
                "m.egorova",
                "k.sarkisov",
                "d.kim",
                "a.nurmagambetova",
            ]),
            steps: kind.steps,
            ..REQUEST
        }
    };
    (0..ROUTINE_COUNT).map(one).collect()
}
