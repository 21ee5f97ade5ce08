//! A notice as the API and the command line tell it, in the reader's language.

use super::layers;
use super::model::{
    Conjecture, ConjectureState, Feature, Kind, Measure, Meeting, Part, Place, Reason, Scope, Span, SpanKind,
};
use super::store::{Decided, Listed, Notice};
use crate::say;
use jiff::tz::TimeZone;
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Locale};
use serde::Serialize;
use utoipa::ToSchema;

/// A notice with all its layers. Positions count characters (Unicode scalar values) of the original from 0, the end
/// exclusive.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeBody {
    /// Opaque id.
    pub id: String,
    /// Hash of the file as received, `sha256:<hex>`.
    pub digest: String,
    /// What the file is.
    pub media_type: String,
    /// When it came in, RFC 3339.
    pub received_at: String,
    /// `meeting_news`, `formal_notice` or `other`.
    #[schema(value_type = String)]
    pub kind: Kind,
    /// What tells the kind: each feature of a notice in form, found or absent, and the meeting.
    pub kind_reasons: Vec<FeatureBody>,
    /// The readable title.
    pub title: Option<String>,
    /// Who put it on the page, as the page says.
    pub publisher: Option<String>,
    /// When, as the page says: a wall clock without a zone.
    pub published_at: Option<String>,
    /// The meeting it tells of.
    pub meeting: Option<MeetingBody>,
    /// The text, layer by layer.
    pub layers: LayersBody,
    /// All of the original, once each.
    pub spans: Vec<SpanBody>,
    /// What is proposed to a person.
    pub conjectures: Vec<ConjectureBody>,
    /// Whether there was more to propose than is kept.
    pub conjectures_cut: bool,
    /// What it orders.
    pub measures: Vec<MeasureBody>,
}

/// A feature of the kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeatureBody {
    /// `number`, `addressee`, `deadline`, `signer` or `meeting`.
    pub feature: String,
    /// Whether the text has it.
    pub found: bool,
    /// Where; absent where the text has it not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceBody>,
    /// Said as a sentence.
    pub reason: String,
}

/// A place of the original with what is readable there.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceBody {
    /// First character.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Readable text, open conjectures marked.
    pub text: String,
}

/// The meeting.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingBody {
    /// The day, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>)]
    pub day: Option<Day>,
    /// The day and its half as written.
    pub said_day: Option<PlaceBody>,
    /// Days from the meeting to its publication.
    pub published_after_days: Option<i32>,
    /// Its number within its series.
    pub series_no: Option<u32>,
    /// The bodies that met in it.
    pub bodies: Vec<PlaceBody>,
    /// The chair's posts.
    pub chair_posts: Vec<PlaceBody>,
    /// The chair's name.
    pub chair_name: Option<PlaceBody>,
    /// Who was there with a vote.
    pub present: Vec<PlaceBody>,
    /// Who sat in without one.
    pub attending: Vec<PlaceBody>,
}

/// The layers of the text.
#[derive(Debug, Serialize, ToSchema)]
pub struct LayersBody {
    /// As received.
    pub original: LayerBody,
    /// After repairs with proof, in the script it was written in.
    pub repaired: LayerBody,
    /// The same in simplified characters, without the page's furniture.
    pub simplified: LayerBody,
    /// The same with accepted conjectures in it, and open ones marked: `[一]`, `[中国→政府]`.
    pub readable: LayerBody,
}

/// One layer.
#[derive(Debug, Serialize, ToSchema)]
pub struct LayerBody {
    /// Its text.
    pub text: String,
}

/// A run of characters that were treated alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpanBody {
    /// First character.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// `kept`, `converted`, `reading`, `decoded` or `furniture`.
    #[schema(value_type = String)]
    pub kind: SpanKind,
    /// What it is part of: `title`, `meeting`, `speech`, `measure`, `publisher` and so on.
    #[schema(value_type = String)]
    pub part: Part,
    /// Which measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<u32>,
    /// As received.
    pub text: String,
    /// After repairs with proof.
    pub repaired: String,
    /// Readable, without conjectures.
    pub readable: String,
    /// Why, where something was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A conjecture and what was decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConjectureBody {
    /// Its number within the notice.
    pub n: u32,
    /// First character; where something is missing, the character before which.
    pub start: usize,
    /// One past the last; the same as `start` where something is missing.
    pub end: usize,
    /// What stands there, in simplified characters; empty where something is missing.
    pub original: String,
    /// What is proposed.
    pub proposed: String,
    /// The phrase that would be whole with it.
    pub phrase: String,
    /// Stable code of the reason.
    pub reason_code: String,
    /// Why.
    pub reason: String,
    /// `open`, `accepted` or `refused`.
    #[schema(value_type = String)]
    pub state: ConjectureState,
    /// Who decided; a reference.
    pub decided_by: Option<String>,
    /// When, RFC 3339.
    pub decided_at: Option<String>,
}

/// A measure.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeasureBody {
    /// Its number.
    pub n: u32,
    /// First character.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The same in bytes of the file, where that is a text file.
    pub byte_start: Option<usize>,
    /// The same in bytes of the file, where that is a text file.
    pub byte_end: Option<usize>,
    /// Readable text, open conjectures marked.
    pub text: String,
    /// To whom it speaks: `system`, `enterprises`, `units`, `addressee` or `unstated`.
    #[schema(value_type = String)]
    pub scope: Scope,
    /// Why.
    pub scope_reason: String,
    /// Who answers for it. Nothing is handed out yet: always null.
    pub owner: Option<String>,
}

/// A notice in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedBody {
    /// Opaque id.
    pub id: String,
    /// Hash of the file as received.
    pub digest: String,
    /// What the file is.
    pub media_type: String,
    /// When it came in, RFC 3339.
    pub received_at: String,
    /// `meeting_news`, `formal_notice` or `other`.
    #[schema(value_type = String)]
    pub kind: Kind,
    /// The readable title.
    pub title: Option<String>,
    /// When it was published, a wall clock without a zone.
    pub published_at: Option<String>,
    /// The day of the meeting it tells of.
    #[schema(value_type = Option<String>)]
    pub meeting_day: Option<Day>,
    /// How many measures it orders.
    pub measures: u32,
    /// How many conjectures there are.
    pub conjectures: u32,
    /// How many of them nobody has decided.
    pub open: u32,
}

/// How a reader sees it: language, and the zone of instants.
pub struct Reader<'a> {
    /// The language.
    pub locale: Locale,
    /// The zone.
    pub zone: &'a TimeZone,
}

impl Reader<'_> {
    /// A notice as this reader sees it.
    pub fn notice(&self, notice: &Notice) -> NoticeBody {
        let Notice { id, digest, media_type, received_at, study, conjectures: decided } = notice;
        let conjectures: Vec<Conjecture> = decided.iter().map(|one| one.conjecture.clone()).collect();
        let at = |place: Place| place_body(&study.spans, &conjectures, place);
        let layer = |text: String| LayerBody { text };
        NoticeBody {
            id: id.clone(),
            digest: digest.clone(),
            media_type: media_type.name().to_owned(),
            received_at: rfc3339(*received_at, self.zone),
            kind: study.kind,
            kind_reasons: study.features.iter().map(|feature| self.feature(feature, &at)).collect(),
            title: study.title.map(|place| at(place).text),
            publisher: study.publisher.clone(),
            published_at: study.published_at.clone(),
            meeting: study.meeting.as_ref().map(|met| meeting(met, study.published_at.as_deref(), &at)),
            layers: LayersBody {
                original: layer(layers::original(&study.spans)),
                repaired: layer(layers::repaired(&study.spans)),
                simplified: layer(layers::readable(&study.spans, &[])),
                readable: layer(layers::readable(&study.spans, &conjectures)),
            },
            spans: study.spans.iter().map(|span| self.span(span)).collect(),
            conjectures: decided.iter().map(|one| self.conjecture(one)).collect(),
            conjectures_cut: study.conjectures_cut,
            measures: study.measures.iter().map(|measure| self.measure(measure, &at)).collect(),
        }
    }

    /// A notice of a list as this reader sees it.
    pub fn listed(&self, listed: &Listed) -> ListedBody {
        ListedBody {
            id: listed.id.clone(),
            digest: listed.digest.clone(),
            media_type: listed.media_type.name().to_owned(),
            received_at: rfc3339(listed.received_at, self.zone),
            kind: listed.kind,
            title: listed.title.clone(),
            published_at: listed.published_at.clone(),
            meeting_day: listed.meeting_day,
            measures: listed.measures,
            conjectures: listed.conjectures,
            open: listed.open,
        }
    }

    fn feature(&self, feature: &Feature, at: &impl Fn(Place) -> PlaceBody) -> FeatureBody {
        let found = feature.found.is_some();
        let code = format!("notice.feature.{}.{}", feature.feature, if found { "found" } else { "absent" });
        FeatureBody {
            feature: feature.feature.clone(),
            found,
            place: feature.found.map(at),
            reason: say::word(self.locale, &code),
        }
    }

    fn span(&self, span: &Span) -> SpanBody {
        let Span { place, kind, part, measure, text, repaired, readable, reason } = span;
        SpanBody {
            start: place.start,
            end: place.end,
            kind: *kind,
            part: *part,
            measure: *measure,
            text: text.clone(),
            repaired: repaired.clone(),
            readable: readable.clone(),
            reason: reason.as_ref().map(|reason| self.reason(reason)),
        }
    }

    fn conjecture(&self, decided: &Decided) -> ConjectureBody {
        let Conjecture { n, place, original, proposed, phrase, reason, state } = &decided.conjecture;
        ConjectureBody {
            n: *n,
            start: place.start,
            end: place.end,
            original: original.clone(),
            proposed: proposed.clone(),
            phrase: phrase.clone(),
            reason_code: reason.code.clone(),
            reason: self.reason(reason),
            state: *state,
            decided_by: decided.by.clone(),
            decided_at: decided.at.map(|at| rfc3339(at, self.zone)),
        }
    }

    fn measure(&self, measure: &Measure, at: &impl Fn(Place) -> PlaceBody) -> MeasureBody {
        let Measure { n, place, bytes, scope, scope_reason } = measure;
        MeasureBody {
            n: *n,
            start: place.start,
            end: place.end,
            byte_start: bytes.map(|bytes| bytes.start),
            byte_end: bytes.map(|bytes| bytes.end),
            text: at(*place).text,
            scope: *scope,
            scope_reason: self.reason(scope_reason),
            owner: None,
        }
    }

    fn reason(&self, reason: &Reason) -> String {
        say::say(self.locale, &format!("notice.reason.{}", reason.code), &reason.args)
    }
}

fn place_body(spans: &[Span], conjectures: &[Conjecture], place: Place) -> PlaceBody {
    let text = layers::readable_at(spans, conjectures, place);
    PlaceBody { start: place.start, end: place.end, text }
}

fn meeting(meeting: &Meeting, published_at: Option<&str>, at: &impl Fn(Place) -> PlaceBody) -> MeetingBody {
    let list = |places: &[Place]| places.iter().map(|place| at(*place)).collect();
    let published: Option<Day> = published_at.and_then(|at| at.get(..10)?.parse().ok());
    MeetingBody {
        day: meeting.day,
        said_day: meeting.said_day.map(at),
        published_after_days: meeting.day.zip(published).map(|(met, out)| out.number() - met.number()),
        series_no: meeting.series_no,
        bodies: list(&meeting.bodies),
        chair_posts: list(&meeting.chair_posts),
        chair_name: meeting.chair_name.map(at),
        present: list(&meeting.present),
        attending: list(&meeting.attending),
    }
}
