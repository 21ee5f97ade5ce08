//! The last days as small charts, one a series: each has its own scale, so that three fevers can
//! be read beside 270,000 people back at work.

use serde::Serialize;

use super::{Pen, figure};
use crate::Series;

/// The most series and days that are drawn.
const PANELS_MAX: usize = 6;
const DAYS_MAX: usize = 120;

/// Small charts side by side over the same days.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Plot {
    pub(crate) title: String,
    /// The days, as written in the document.
    #[serde(skip)]
    pub(crate) days: Vec<String>,
    /// Days marked below each panel.
    pub(crate) marks: Vec<Tick>,
    pub(crate) panels: Vec<Panel>,
    /// What was left out and where it stands.
    pub(crate) more: Vec<String>,
}

/// One series; places are shares of the panel's width and height, from the lower left.
#[derive(Debug, Serialize)]
pub(crate) struct Panel {
    pub(crate) name: String,
    /// The last day's figure, in words.
    pub(crate) last: String,
    pub(crate) ticks: Vec<Tick>,
    /// One point a day; `None` where nothing was said: the line has a gap there.
    pub(crate) points: Vec<Option<[f64; 2]>>,
    /// The figures themselves.
    #[serde(skip)]
    pub(crate) values: Vec<Option<f64>>,
}

/// A mark on an axis.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) text: String,
}

/// Draws up the chart; without days or series it has no panels, which is printed as "none".
pub(super) fn plot(pen: &mut Pen<'_>) -> Plot {
    let chart = &pen.doc.chart;
    let first = chart.days.len().saturating_sub(DAYS_MAX);
    let days: Vec<String> = chart.days[first..].iter().map(|d| pen.name(d)).collect();
    if days.is_empty() {
        return Plot::default();
    }
    let panels: Vec<_> =
        chart.series.iter().take(PANELS_MAX).map(|s| panel(pen, s, first, days.len())).collect();
    let mut more = Vec::new();
    if chart.series.len() > PANELS_MAX {
        pen.lists_cut += 1;
        let over = (chart.series.len() - PANELS_MAX) as i64;
        more.push(pen.word_with("list.more_figures", &[("{n}", over)]));
    }
    Plot { title: pen.name(&chart.title), marks: marks(&days), days, panels, more }
}

fn panel(pen: &mut Pen<'_>, series: &Series, first: usize, days: usize) -> Panel {
    let values: Vec<Option<f64>> =
        (first..first + days).map(|i| series.points.get(i).copied().flatten()).collect();
    let said = || values.iter().flatten().copied();
    let (low, high, step) = scale(said().fold(0.0, f64::min), said().fold(0.0, f64::max));
    let y = |v: f64| (v - low) / (high - low);
    let points = values.iter().enumerate().map(|(i, v)| v.map(|v| [x(i, days), y(v)])).collect();
    let steps = ((high - low) / step).round() as usize;
    let ticks = (0..=steps)
        .map(|i| low + step * i as f64)
        .map(|v| Tick { at: y(v), text: figure::figure(Some((v * 1e6).round() / 1e6)) })
        .collect();
    let last = figure::figure(values.last().copied().flatten());
    Panel { name: pen.name(&series.name), last, ticks, points, values }
}

/// Where a day stands, from 0 to 1.
fn x(i: usize, days: usize) -> f64 {
    if days < 2 { 0.5 } else { i as f64 / (days - 1) as f64 }
}

/// The first, the middle and the last day.
fn marks(days: &[String]) -> Vec<Tick> {
    let mut places = vec![0, (days.len() - 1) / 2, days.len() - 1];
    places.dedup();
    let short = |day: &str| match figure::day(day, "chart.days") {
        Ok(day) => format!("{}/{}", day.month(), day.day()),
        Err(_) => day.to_owned(),
    };
    places.into_iter().map(|i| Tick { at: x(i, days.len()), text: short(&days[i]) }).collect()
}

/// A scale of two to four round steps that holds all from `low` to `high`.
fn scale(low: f64, high: f64) -> (f64, f64, f64) {
    let span = if high - low > 0.0 { high - low } else { 1.0 };
    let rough = span / 3.0;
    let unit = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|m| m * unit).into_iter().find(|s| *s >= rough);
    let mut step = step.unwrap_or(10.0 * unit);
    if span >= 1.0 && step < 1.0 {
        step = 1.0;
    }
    let low = (low / step).floor() * step;
    let high = (high / step).ceil() * step;
    (low, if high > low { high } else { low + step }, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_round_and_holds_everything() {
        assert_eq!(scale(0.0, 0.0), (0.0, 1.0, 1.0));
        assert_eq!(scale(0.0, 3.0), (0.0, 3.0, 1.0));
        assert_eq!(scale(0.0, 41.0), (0.0, 60.0, 20.0));
        assert_eq!(scale(-7.0, 12.0), (-10.0, 20.0, 10.0));
        for high in [1.0, 9.0, 99.0, 12_345.0, 275_000.0, 1e12, 1e-3] {
            let (low, top, step) = scale(0.0, high);
            assert!(low <= 0.0 && top >= high && (top - low) / step <= 5.0, "{high}: {low} {top} {step}");
        }
    }

    #[test]
    fn one_day_stands_in_the_middle_and_is_marked_once() {
        let days = ["2020-02-03".to_owned()];
        assert_eq!(marks(&days), [Tick { at: 0.5, text: "2/3".into() }]);
    }
}
