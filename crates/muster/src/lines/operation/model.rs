//! Nouns of the operation.

use jiff::tz::TimeZone;
use muster_kernel::Locale;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A name in the three languages; a missing one falls back to simplified Chinese.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Names {
    /// Simplified Chinese.
    #[serde(rename = "zh-Hans")]
    pub zh_hans: String,
    /// Traditional Chinese; empty when there is none.
    #[serde(rename = "zh-Hant", default)]
    pub zh_hant: String,
    /// English; empty when there is none.
    #[serde(default)]
    pub en: String,
}

impl Names {
    /// The name in a language.
    pub fn of(&self, locale: Locale) -> &str {
        let wanted = match locale {
            Locale::ZhCn => &self.zh_hans,
            Locale::ZhTw => &self.zh_hant,
            Locale::En => &self.en,
        };
        if wanted.is_empty() { &self.zh_hans } else { wanted }
    }
}

/// An emergency that is being answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Stable number; stands in keys.
    pub id: i64,
    /// Short code.
    pub code: String,
    /// What the emergency is called.
    pub name: Names,
    /// The title of the office that runs it, on every page and paper.
    pub office: Names,
    /// The unit at the top; 0 while the tree is empty.
    pub root_unit: i64,
    /// IANA time zone: which day an instant falls on.
    pub zone: String,
    /// Code of the form of the daily report; empty while there is none.
    pub form: String,
    /// Seed of the simulated demonstration; none for a real operation.
    pub seed: Option<i64>,
}

impl Operation {
    /// What an empty database answers before its operation is begun.
    pub fn unnamed() -> Self {
        Self {
            id: 1,
            code: "operation".to_owned(),
            name: Names {
                zh_hans: "未命名行动".into(),
                zh_hant: "未命名行動".into(),
                en: "Unnamed operation".into(),
            },
            office: Names {
                zh_hans: "指挥办公室".into(),
                zh_hant: "指揮辦公室".into(),
                en: "Command office".into(),
            },
            root_unit: 0,
            zone: "Asia/Shanghai".to_owned(),
            form: String::new(),
            seed: None,
        }
    }
    /// The time zone. Names are checked when they come in, against zone data that is built in; where a row has another
    /// all the same, the log says so and it is UTC.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or_else(|why| {
            tracing::error!(zone = self.zone, %why, "the operation's time zone is unknown: UTC instead");
            TimeZone::UTC
        })
    }
}
