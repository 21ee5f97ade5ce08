//! The sample in `examples/` is what the function draws.

use muster_print::{BriefDoc, Lang};

use crate::sample;

/// `MUSTER_PRINT_WRITE_SAMPLE=1` writes it anew.
#[test]
fn the_sample_in_examples_is_what_the_function_draws() {
    for (lang, groups, name) in [
        (Lang::ZhCn, 28, "brief.json"),
        (Lang::ZhTw, 28, "brief.zh-TW.json"),
        (Lang::En, 28, "brief.en.json"),
    ] {
        let doc = sample::brief(lang, groups);
        let path = format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = serde_json::to_string_pretty(&doc).unwrap() + "\n";
        if std::env::var_os("MUSTER_PRINT_WRITE_SAMPLE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(BriefDoc::from_json(text.as_bytes()).unwrap(), doc);
    }
}
