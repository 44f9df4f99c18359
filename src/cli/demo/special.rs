//! Requests that show what the workflow does when things do not go the straight way.

use super::story::{Act, REQUEST, Story, Where};
use crate::domain::command::Switch;
use crate::domain::event::Visibility::{Internal, Public};
use crate::domain::ticket::{Channel, Level};
use crate::domain::work_order::Stage::{Accepted, Arrived, CouldNot, Done, OnTheWay, Refused};
use Act::{
    AcceptFor, End, Finish, HandIn, LacksPart, Move, Recognise, Return, Say, Status, StockAnswers, Take,
};
use Where::City;

const DAY: i64 = 24 * 60;
const VANDALS: Story = Story { category: "vandalism", channel: Channel::Email, ..REQUEST };
const URGENT: Story = Story { impact: Level::High, urgency: Level::High, ..REQUEST };

pub static SPECIAL: &[Story] = &[
    // Outside the contract: the clock stands until a price is agreed.
    Story {
        opened_before: 5 * 60,
        machine: City("Ташкент", 3),
        subject: "Разбит экран банкомата",
        description: "Ночью разбили экран и залили клавиатуру. Фото во вложении к письму.",
        steps: &[
            (9, Say("operator", Public, "Приняли. Повреждение вне договора, согласуем стоимость.")),
            (40, Take("commercial")),
        ],
        ..VANDALS
    },
    Story {
        opened_before: DAY + 200,
        machine: City("Москва", 5),
        subject: "Сорвана накладка картридера",
        steps: &[
            (
                300,
                Finish("commercial", "approved", "Согласовано 48 000 ₽, письмо клиента от сегодняшнего дня."),
            ),
            (320, Move(Accepted)),
            (DAY + 60, Move(OnTheWay)),
            (DAY + 110, Move(Arrived)),
        ],
        ..VANDALS
    },
    Story {
        opened_before: 3 * DAY,
        machine: City("Бишкек", 2),
        subject: "Graffiti on the front panel",
        steps: &[(400, Finish("commercial", "refused", "The bank will clean the panel itself."))],
        ..VANDALS
    },
    // Straight ones that are just now under way.
    Story {
        opened_before: 12,
        machine: City("Алматы", 0),
        category: "receipt_jam",
        subject: "Замятие чека, банкомат у входа",
        description: "Клиенты не получают чеки.",
        ..REQUEST
    },
    Story {
        opened_before: 70,
        machine: City("Алматы", 7),
        category: "cash_dispense_fault",
        subject: "Не выдаёт наличные, очередь",
        description: "День зарплат, рядом других банкоматов нет.",
        steps: &[
            (2, Say("operator", Public, "Инженер назначен, срок три часа.")),
            (6, Move(Accepted)),
            (20, Move(OnTheWay)),
            (64, Move(Arrived)),
        ],
        ..URGENT
    },
    // Overdue: accepted and then nothing, so that another goes and the first is asked.
    Story {
        opened_before: 11 * 60,
        machine: City("Екатеринбург", 4),
        category: "network_down",
        impact: Level::High,
        channel: Channel::Monitoring,
        subject: "Нет связи с банкоматом, узел на вокзале",
        steps: &[
            (15, AcceptFor(2)),
            (500, Say("dispatcher", Internal, "Инженер не отвечает, звоню техническому руководителю.")),
        ],
        ..REQUEST
    },
    // A part is missing: in the local store …
    Story {
        opened_before: DAY + 90,
        machine: City("Алматы", 11),
        category: "card_reader_fault",
        subject: "Картридер захватывает карты",
        steps: &[
            (20, Move(Accepted)),
            (120, Move(Arrived)),
            (180, LacksPart("CR-110")),
            (181, StockAnswers),
            (240, Take("local_service")),
        ],
        ..REQUEST
    },
    // … in no store of the city, so all regions are searched …
    Story {
        opened_before: DAY + 500,
        machine: City("Ереван", 6),
        category: "cash_dispense_fault",
        subject: "Dispenser jams on every third operation",
        steps: &[
            (25, Move(Accepted)),
            (200, Move(Arrived)),
            (260, LacksPart("DISP-20/7")),
            (262, StockAnswers),
            (400, Take("global_logistics")),
            (410, Say("logistics", Internal, "Shipped from Moscow, arrives tomorrow by noon.")),
        ],
        ..REQUEST
    },
    // … delivered: the second visit is under way …
    Story {
        opened_before: 3 * DAY + 100,
        machine: City("Ташкент", 8),
        category: "screen_fault",
        subject: "Экран не включается",
        steps: &[
            (30, Move(Accepted)),
            (220, Move(Arrived)),
            (250, LacksPart("SCR-15")),
            (251, StockAnswers),
            (2 * DAY, Finish("global_logistics", "delivered", "Доставлено из Новосибирска.")),
            (2 * DAY + 30, AcceptFor(26)),
            (3 * DAY + 60, Move(OnTheWay)),
        ],
        ..REQUEST
    },
    // … and in no region at all: it must be bought.
    Story {
        opened_before: 2 * DAY + 40,
        machine: City("Мары", 1),
        category: "keypad_fault",
        subject: "Клавиатура не принимает ПИН",
        steps: &[
            (45, Move(Accepted)),
            (300, Move(Arrived)),
            (330, LacksPart("EPP-7")),
            (331, StockAnswers),
            (1_200, Finish("global_logistics", "not_found", "Нет ни на одном складе.")),
            (1_300, Take("purchasing")),
        ],
        ..REQUEST
    },
    // Nobody knows why: the bank is asked; one waits, one was answered.
    Story {
        opened_before: 6 * 60,
        machine: City("Астана", 5),
        category: "software_fault",
        subject: "Перезагружается каждые двадцать минут",
        steps: &[
            (18, Move(Accepted)),
            (150, Move(Arrived)),
            (290, End(CouldNot, "cause_unknown", "Журналы чистые, питание в норме.")),
        ],
        ..REQUEST
    },
    Story {
        opened_before: 2 * DAY,
        machine: City("Казань", 3),
        category: "cash_intake_fault",
        subject: "Возвращает исправные купюры",
        steps: &[
            (22, Move(Accepted)),
            (160, Move(Arrived)),
            (230, End(CouldNot, "cause_unknown", "Тесты модуля проходят.")),
            (
                330,
                Finish(
                    "bank_support",
                    "answered",
                    "За неделю три сбоя датчика. За час до визита менялась таблица купюр.",
                ),
            ),
            (350, Move(Accepted)),
            (DAY + 120, Move(Arrived)),
            (DAY + 200, End(Done, "repaired", "Обновлена таблица купюр, 50 купюр приняты.")),
            (DAY + 230, HandIn),
            (DAY + 400, Return("На фото не видно номера модуля.")),
        ],
        ..REQUEST
    },
    // Vandalism that only the engineer saw.
    Story {
        opened_before: DAY,
        machine: City("Ош", 2),
        category: "card_reader_fault",
        subject: "Не читает карты",
        steps: &[
            (30, Move(Accepted)),
            (190, Move(Arrived)),
            (220, End(CouldNot, "vandalism", "В картридер залит клей.")),
        ],
        ..REQUEST
    },
    // Nobody is free in the city.
    Story {
        opened_before: 95,
        machine: City("Гюмри", 1),
        category: "cash_dispense_fault",
        subject: "Does not dispense cash",
        by: "k.sarkisov",
        ..REQUEST
    },
    // Nobody knows which machine: one waits, one was recognised.
    Story {
        opened_before: 45,
        channel: Channel::Email,
        subject: "Банкомат в торговом центре не работает",
        description: "Здравствуйте! Банкомат на первом этаже не работает с утра. Номера не вижу.",
        ..REQUEST
    },
    Story {
        opened_before: 4 * 60,
        channel: Channel::Email,
        subject: "Не печатает чеки",
        steps: &[(14, Recognise("dispatcher", "Новосибирск", 6)), (30, Move(Accepted)), (150, Move(Arrived))],
        ..REQUEST
    },
    // The first engineer refuses, another goes.
    Story {
        opened_before: 3 * 60,
        machine: City("Санкт-Петербург", 9),
        category: "power_down",
        subject: "Нет питания после грозы",
        steps: &[(11, End(Refused, "ill", "Заболел, не смогу.")), (25, Move(Accepted)), (80, Move(OnTheWay))],
        ..REQUEST
    },
    // No access: the client is asked.
    Story {
        opened_before: 9 * 60,
        machine: City("Шымкент", 4),
        category: "receipt_jam",
        subject: "Не выдаёт чек",
        steps: &[
            (20, Move(Accepted)),
            (140, Move(Arrived)),
            (150, End(CouldNot, "no_access", "Зал закрыт, охрана не пускает без письма.")),
            (170, Status("dispatcher", "waiting_for_client")),
            (171, Say("dispatcher", Public, "Нужно письмо на допуск инженера в зал самообслуживания.")),
        ],
        ..REQUEST
    },
    // The client answered: the work goes on.
    Story {
        opened_before: DAY + 30,
        machine: City("Самарканд", 2),
        category: "cctv_setup",
        subject: "Настроить запись с двух камер",
        steps: &[
            (60, Status("operator", "waiting_for_client")),
            (61, Say("operator", Public, "Пришлите, пожалуйста, адрес регистратора.")),
            (700, Say("client", Public, "Адрес 10.20.4.18, доступ открыт до пятницы.")),
        ],
        ..REQUEST
    },
    // The report waits for its check.
    Story {
        opened_before: 7 * 60,
        machine: City("Ашхабад", 5),
        category: "paper_roll",
        subject: "Закончилась лента",
        steps: &[
            (10, Move(Accepted)),
            (90, Move(Arrived)),
            (110, End(Done, "repaired", "Лента заменена, запас оставлен в сейфе.")),
            (130, HandIn),
        ],
        ..REQUEST
    },
    // The same machine, the same fault: a duplicate.
    Story {
        opened_before: 55,
        machine: City("Алматы", 7),
        category: "cash_dispense_fault",
        channel: Channel::Portal,
        subject: "Банкомат не выдаёт деньги",
        ..URGENT
    },
    // Came back after it was closed.
    Story {
        opened_before: 4 * DAY,
        machine: City("Москва", 14),
        category: "software_fault",
        channel: Channel::Monitoring,
        subject: "Не запускается приложение",
        steps: &[
            (5, Act::Assign("operator", "v.polyakov")),
            (30, End(crate::domain::work_order::Stage::Cancelled, "", "Решаем удалённо.")),
            (40, Act::Resolve("v.polyakov", "solved_remotely", "Переустановлен драйвер.")),
            (DAY, Act::Close("operator", "solved_remotely")),
            (3 * DAY, Act::Reopen("operator", "Снова не запускается.")),
            (3 * DAY + 20, Say("v.polyakov", Internal, "Похоже на диск: нужен выезд.")),
        ],
        ..REQUEST
    },
    // The connector was off just then: the script failed, a person must look.
    Story {
        opened_before: 2 * DAY + 300,
        machine: City("Алматы", 15),
        category: "cash_intake_fault",
        subject: "Не принимает купюры по 10 000",
        steps: &[
            (25, Move(Accepted)),
            (170, Move(Arrived)),
            (200, Act::Stock(Switch::Off)),
            (210, LacksPart("BNA-4")),
            (230, Act::Stock(Switch::On)),
        ],
        ..REQUEST
    },
];
