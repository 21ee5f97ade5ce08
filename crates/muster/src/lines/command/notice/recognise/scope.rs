//! To whom a measure speaks: told by the words it uses, and the words are the reason.

use super::super::model::{Reason, Scope};
use super::furniture::pattern;
use regex::Regex;
use std::sync::LazyLock;

/// "系统" means the whole branch only after the name of one, or after 全 or 本; 信息系统 is a machine.
static SYSTEM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:[全本我各]?[省市县区]?(?:国资国企|国资|国企|教育|卫生健康|卫健|卫生|医疗卫生|交通运输|交通|公安|政法|民政|财政|税务|工会|金融|水利|农业农村|市场监管|文化旅游|应急管理|集团)|[全本各][省市县区]?)系统",
    )
});
static ENTERPRISES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:省属|市属|县属|区属|中央|所属|所监管|监管|出资|国有|各级|各|有关)企业|各(?:集团公司|集团|公司)",
    )
});
static UNITS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:各有关|各级|各|所属|有关|直属)(?:单位|部门|处室|学校|医院|地区|市|县|区|地|乡镇|街道|社区|支部|党组织)",
    )
});

/// The scope of a measure and its reason. The widest words win: a measure that names the enterprises and the whole
/// system speaks to the system, which the enterprises are part of.
pub(crate) fn of_measure(text: &str, addressee: Option<&str>) -> (Scope, Reason) {
    let rules: [(&Regex, Scope, &str); 3] = [
        (&SYSTEM, Scope::System, "scope_system"),
        (&ENTERPRISES, Scope::Enterprises, "scope_enterprises"),
        (&UNITS, Scope::Units, "scope_units"),
    ];
    for (words, scope, code) in rules {
        if let Some(found) = words.find(text) {
            let count = words.find_iter(text).count();
            return (scope, Reason::new(code).with("words", found.as_str()).with("count", count));
        }
    }
    match addressee {
        Some(words) => {
            let words = words.trim_end_matches([':', '：']);
            (Scope::Addressee, Reason::new("scope_addressee").with("words", words))
        }
        None => (Scope::Unstated, Reason::new("scope_unstated")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, addressee: Option<&str>, scope: Scope, words: &str) {
        let (found, reason) = of_measure(text, addressee);
        assert_eq!(found, scope, "{text}");
        assert_eq!(reason.args.get("words").map_or("", String::as_str), words, "{text}");
    }

    #[test]
    fn the_words_of_a_measure_tell_its_scope() {
        check("做好省属企业疫情防控工作", None, Scope::Enterprises, "省属企业");
        check("省属企业要报送，推动省国资系统形成合力", None, Scope::System, "省国资系统");
        check("全系统要落实", None, Scope::System, "全系统");
        check("各单位要落实", None, Scope::Units, "各单位");
        check("用好信息系统，系统性推进", None, Scope::Unstated, "");
        check("立即落实", Some("各学校："), Scope::Addressee, "各学校");
        check("", None, Scope::Unstated, "");
    }
}
