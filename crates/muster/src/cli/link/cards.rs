//! Cards to print: eight on a sheet of A4, each with a code for the camera of a telephone. One file that asks nothing of
//! anybody; without PINs, which go another way.

use crate::cli::Stop;
use crate::lines::operation::Names;
use crate::say;
use muster_kernel::{Locale, Problem};
use qrcode::{EcLevel, QrCode, render::svg};
use serde_json::Value;
use std::fmt::Write as _;

/// What one card says.
pub(super) struct Card<'a> {
    /// Code of the unit.
    pub(super) code: &'a str,
    /// Its name.
    pub(super) name: &'a str,
    /// The link.
    pub(super) address: &'a str,
    /// When it opens no more (RFC 3339).
    pub(super) until: &'a str,
}

/// A page that grows card by card.
pub(super) struct Sheet {
    locale: Locale,
    office: String,
    form: String,
    /// How it is opened: with a PIN, or by the code alone.
    how: String,
    cards: String,
}

const STYLE: &str = "@page{size:A4;margin:10mm}*{box-sizing:border-box}body{margin:0;font:10.5pt/1.35 sans-serif;color:#000}\
main{display:grid;grid-template-columns:94mm 94mm;gap:0 2mm;justify-content:center}\
section{display:flex;gap:4mm;height:68mm;padding:5mm;border:.3mm dashed #777;overflow:hidden;break-inside:avoid}\
section:nth-child(8n){break-after:page}svg{flex:none;width:38mm;height:38mm}h2{margin:0 0 1mm;font-size:13pt;line-height:1.2;\
overflow-wrap:anywhere}p{margin:0 0 1mm;overflow-wrap:anywhere}section>div{min-width:0}";

/// Text within a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Sheet {
    /// An empty one of an office, by its names in each language.
    pub(super) fn new(locale: Locale, office: &Value, with_pin: bool) -> Self {
        let how = say::word(locale, if with_pin { "link.card_pin" } else { "link.card_no_pin" });
        let office = escaped(office[locale.tag()].as_str().unwrap_or_default());
        Self { locale, office, form: String::new(), how: escaped(&how), cards: String::new() }
    }

    /// What the form is called; its code where it has no name.
    pub(super) fn form(&mut self, names: &Value, code: &str) {
        let names: Option<Names> = serde_json::from_value(names.clone()).ok();
        let name = names.as_ref().map_or("", |names| names.of(self.locale));
        self.form = escaped(if name.is_empty() { code } else { name });
    }

    /// Adds a card.
    ///
    /// # Errors
    /// The address is longer than a code holds.
    pub(super) fn add(&mut self, card: &Card<'_>) -> Result<(), Stop> {
        let code = QrCode::with_error_correction_level(card.address, EcLevel::M)
            .map_err(|_| Problem::invalid("link.address").with("address", card.address))?;
        let drawn: String = code.render::<svg::Color<'_>>().quiet_zone(true).build();
        // Without its declaration it stands within a page.
        let drawn = drawn.find("<svg").map_or("", |at| &drawn[at..]);
        let until = card.until.get(..16).unwrap_or(card.until).replace('T', " ");
        let until = say::say(self.locale, "link.card_until", &[("until".to_owned(), until)].into());
        let _ = writeln!(
            self.cards,
            "<section>{drawn}<div><p>{}</p><h2>{}</h2><p>{}</p><p>{}</p><p>{}</p><p>{}</p></div></section>",
            self.office,
            escaped(card.name),
            escaped(card.code),
            self.form,
            escaped(&until),
            self.how
        );
        Ok(())
    }

    /// The whole page.
    pub(super) fn page(&self) -> String {
        let title = escaped(&say::word(self.locale, "link.cards"));
        format!(
            "<!doctype html>\n<html lang=\"{}\"><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style>\n<main>\n{}</main></html>\n",
            self.locale.tag(),
            self.cards
        )
    }
}
