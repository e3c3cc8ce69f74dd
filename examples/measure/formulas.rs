//! Formulas: from a page with one that was not typeset before to its picture, in the engine that the
//! window uses.

use crate::bench::Bench;
use engram::base::time::Stopwatch;
use engram::render::{CardEngine, CardPage, EngineEvent, NoResources, View};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const FORMULAS: usize = 60;

/// With a number in the place of `#`, so that no two are the same.
const SHAPES: [&str; 6] = [
    r"x = \frac{-b \pm \sqrt{b^2-#ac}}{2a}",
    r"\int_0^\infty e^{-#x^2}\,dx = \frac{\sqrt{\pi}}{#}",
    r"\sum_{n=#}^{\infty} \frac{1}{n^2} = \frac{\pi^2}{6}",
    r"\begin{pmatrix} a & # \\ c & d \end{pmatrix}",
    r"\lim_{h \to #} \frac{f(x+h)-f(x)}{h}",
    r"\ce{#H2 + O2 -> #H2O}",
];

pub fn formulas(b: &mut Bench) {
    let engine =
        CardEngine::spawn(Arc::new(NoResources), Arc::new(|| ())).expect("the engine starts");
    let view = View::new(800.0, 600.0);
    let mut run = Vec::new();
    for n in 0..FORMULAS {
        let tex = SHAPES[n % SHAPES.len()].replace('#', &(n + 2).to_string());
        let page = Arc::new(CardPage {
            html: format!("\\({}\\)", tex.replace('&', "&amp;")),
            body_class: "card card1".to_owned(),
            ..CardPage::default()
        });
        let clock = Stopwatch::start();
        engine.show(page, view, false);
        while let Some(event) = engine.wait(Duration::from_secs(10)) {
            if matches!(event, EngineEvent::Drawn(_)) {
                break;
            }
        }
        run.push(clock.elapsed().as_secs_f64());
    }
    // The first loads the fonts.
    let others = run.split_off(1);
    b.latencies("formula", &[others], json!({ "first_ms": run[0] * 1000.0 }));
}
