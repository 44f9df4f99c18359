//! Where the demo's machines stand: six countries, their cities, zones, tongues and streets.

pub struct Country {
    /// ISO 3166-1 alpha-2.
    pub code: &'static str,
    /// ISO 639-1, beside Russian, which every engineer speaks.
    pub language: &'static str,
    pub phone_prefix: &'static str,
    pub given: &'static [&'static str],
    pub family: &'static [&'static str],
    pub cities: &'static [City],
}

pub struct City {
    pub name: &'static str,
    pub time_zone: &'static str,
    pub streets: &'static [&'static str],
    pub sites_count: usize,
    pub crew: Crew,
}

/// Who serves a city.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Crew {
    /// Both grades, some of each.
    Full,
    /// One engineer, who is off duty: requests from here go to the dispatchers.
    OffDuty,
}

const fn city(
    name: &'static str,
    time_zone: &'static str,
    sites_count: usize,
    streets: &'static [&'static str],
) -> City {
    City { name, time_zone, streets, sites_count, crew: Crew::Full }
}

pub static COUNTRIES: &[Country] = &[
    Country {
        code: "RU",
        language: "ru",
        phone_prefix: "+7 495 555",
        given: &["Алексей", "Дмитрий", "Сергей", "Андрей", "Михаил", "Иван", "Николай", "Павел", "Роман"],
        family: &[
            "Волков",
            "Зайцев",
            "Кузнецов",
            "Лебедев",
            "Морозов",
            "Орлов",
            "Тихонов",
            "Фёдоров",
            "Шубин",
            "Ершов",
        ],
        cities: &[
            city(
                "Москва",
                "Europe/Moscow",
                22,
                &[
                    "Тверская ул.",
                    "Ленинский пр-т",
                    "ул. Арбат",
                    "Варшавское ш.",
                    "Дмитровское ш.",
                    "пр-т Мира",
                ],
            ),
            city(
                "Санкт-Петербург",
                "Europe/Moscow",
                16,
                &["Невский пр-т", "Литейный пр-т", "Московский пр-т", "ул. Марата"],
            ),
            city("Казань", "Europe/Moscow", 12, &["ул. Баумана", "ул. Пушкина", "пр-т Ямашева"]),
            city("Екатеринбург", "Asia/Yekaterinburg", 12, &["пр-т Ленина", "ул. Малышева", "ул. 8 Марта"]),
            city("Новосибирск", "Asia/Novosibirsk", 12, &["Красный пр-т", "ул. Ленина", "ул. Гоголя"]),
        ],
    },
    Country {
        code: "KZ",
        language: "kk",
        phone_prefix: "+7 727 555",
        given: &["Нурлан", "Ерлан", "Бауыржан", "Данияр", "Асхат", "Тимур", "Арман"],
        family: &["Ахметов", "Сериков", "Жумабаев", "Оспанов", "Касымов", "Тулегенов", "Искаков", "Бекенов"],
        cities: &[
            city(
                "Алматы",
                "Asia/Almaty",
                20,
                &["пр-т Абая", "пр-т Достык", "ул. Толе би", "ул. Сатпаева", "ул. Жибек жолы"],
            ),
            city("Астана", "Asia/Almaty", 14, &["пр-т Мангилик Ел", "ул. Кенесары", "пр-т Туран"]),
            city("Шымкент", "Asia/Almaty", 10, &["пр-т Тауке хана", "ул. Казыбек би"]),
        ],
    },
    Country {
        code: "UZ",
        language: "uz",
        phone_prefix: "+998 71 555",
        given: &["Шерзод", "Жасур", "Бобур", "Отабек", "Улугбек"],
        family: &["Каримов", "Рахимов", "Юсупов", "Исмаилов", "Турсунов", "Назаров"],
        cities: &[
            city(
                "Ташкент",
                "Asia/Tashkent",
                18,
                &["ул. Амира Темура", "ул. Навои", "ул. Шота Руставели", "ул. Бабура"],
            ),
            city("Самарканд", "Asia/Samarkand", 10, &["ул. Регистан", "ул. Гагарина"]),
        ],
    },
    Country {
        code: "KG",
        language: "ky",
        phone_prefix: "+996 312 55",
        given: &["Азамат", "Бакыт", "Нурбек", "Эркин", "Талант"],
        family: &["Мамытов", "Сыдыков", "Абдраимов", "Асанов", "Токтосунов"],
        cities: &[
            city("Бишкек", "Asia/Bishkek", 14, &["пр-т Чуй", "ул. Киевская", "пр-т Манаса"]),
            city("Ош", "Asia/Bishkek", 8, &["ул. Ленина", "ул. Курманжан Датка"]),
        ],
    },
    Country {
        code: "AM",
        language: "hy",
        phone_prefix: "+374 10 55",
        given: &["Арам", "Тигран", "Гор", "Давид", "Ашот"],
        family: &["Петросян", "Григорян", "Акопян", "Мартиросян", "Варданян", "Манукян"],
        cities: &[
            city(
                "Ереван",
                "Asia/Yerevan",
                16,
                &["пр-т Маштоца", "ул. Абовяна", "ул. Туманяна", "пр-т Комитаса"],
            ),
            City {
                name: "Гюмри",
                time_zone: "Asia/Yerevan",
                streets: &["ул. Ширакаци", "ул. Саят-Новы"],
                sites_count: 5,
                crew: Crew::OffDuty,
            },
        ],
    },
    Country {
        code: "TM",
        language: "tk",
        phone_prefix: "+993 12 55",
        given: &["Мурад", "Сердар", "Аман", "Довлет"],
        family: &["Аннаев", "Оразов", "Гельдыев", "Ходжаев", "Бердыев"],
        cities: &[
            city("Ашхабад", "Asia/Ashgabat", 12, &["пр-т Махтумкули", "ул. Героглы", "ул. Андалиб"]),
            city("Мары", "Asia/Ashgabat", 7, &["ул. Молланепеса", "ул. Мургап"]),
        ],
    },
];

/// Kinds of places where a machine stands.
pub static PLACES: &[&str] =
    &["Отделение", "Торговый центр", "Вокзал", "Аптека", "Супермаркет", "Бизнес-центр", "Поликлиника"];

/// Models, and the certificate that opens them.
pub static MODELS: &[(&str, &str)] = &[
    ("NCR SelfServ 22", "ncr"),
    ("NCR SelfServ 84", "ncr"),
    ("Diebold Nixdorf CS 280", "dn"),
    ("Diebold Nixdorf DN 200", "dn"),
    ("GRG H22N", "grg"),
];
