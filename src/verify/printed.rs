//! Whether two documents print the same where a number is shown.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Block, Document, Place, Showing, showings, shown};
use crate::figure::{Item, Point, Scene};
use crate::statistic::StatId;

/// How far a mark of a figure may move before it is drawn elsewhere, in points: a tenth of the thinnest line.
const HAIR: f64 = 0.05;

/// A place that shows a number, printed otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reprint {
    /// The place.
    pub place: Place,
    /// What the recorded number prints as; nothing where it is drawn.
    pub recorded: String,
    /// What the recomputed one prints as.
    pub recomputed: String,
}

/// Of numbers that are shown, the places where they are printed otherwise (none, if they are printed alike).
pub(super) type Reprints = BTreeMap<StatId, Vec<Reprint>>;

/// Sets two printings of the same report beside each other: for every number that is shown, where it is printed
/// otherwise. None where the two are not built alike.
pub(super) fn compare(recorded: &Document, recomputed: &Document) -> Option<Reprints> {
    let (old, new) = (showings(recorded), showings(recomputed));
    let drawings = [scenes(recorded), scenes(recomputed)];
    if old.len() != new.len() {
        return None;
    }
    let mut all = Reprints::new();
    for (old, new) in old.iter().zip(&new) {
        if old.stats != new.stats || old.place != new.place {
            return None;
        }
        let text = |showing: &Showing| showing.printing.as_ref().map(|p| p.text.clone());
        let (was, is) = (text(old), text(new));
        // What is drawn and not printed is in some figure.
        let same = was == is
            && old.content == new.content
            && (was.is_some() || same_drawing(&old.place, &drawings));
        for id in &old.stats {
            let reprints = all.entry(id.clone()).or_default();
            let reprint = Reprint {
                place: old.place.clone(),
                recorded: was.clone().unwrap_or_default(),
                recomputed: is.clone().unwrap_or_default(),
            };
            if !same && !reprints.contains(&reprint) {
                reprints.push(reprint);
            }
        }
    }
    Some(all)
}

/// The numbers that are shown.
pub(super) fn all_shown(document: &Document) -> BTreeSet<StatId> {
    shown(document).into_iter().map(|(id, _)| id).collect()
}

/// The drawings of a document by their labels.
fn scenes(document: &Document) -> BTreeMap<&str, &Scene> {
    let mut found = BTreeMap::new();
    let mut open: Vec<&Block> = document.summary.iter().chain(&document.body).collect();
    while let Some(block) = open.pop() {
        match block {
            Block::Figure { label, scene, .. } => {
                found.insert(label.as_str(), scene);
            }
            Block::List { items, .. } => open.extend(items.iter().flatten()),
            Block::Quote { content } => open.extend(content),
            _ => {}
        }
    }
    found
}

fn same_drawing(place: &Place, drawings: &[BTreeMap<&str, &Scene>; 2]) -> bool {
    let Place::Figure { label } = place else {
        return true;
    };
    let [old, new] = drawings;
    match (old.get(label.as_str()), new.get(label.as_str())) {
        (Some(old), Some(new)) => same_scene(old, new),
        _ => false,
    }
}

/// Whether two drawings look alike.
fn same_scene(one: &Scene, other: &Scene) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= HAIR;
    near(one.width, other.width)
        && near(one.height, other.height)
        && one.items.len() == other.items.len()
        && one
            .items
            .iter()
            .zip(&other.items)
            .all(|(a, b)| same_item(a, b))
}

fn same_item(one: &Item, other: &Item) -> bool {
    let near = |a: &f64, b: &f64| (a - b).abs() <= HAIR;
    let at = |a: &Point, b: &Point| near(&a.x, &b.x) && near(&a.y, &b.y);
    match (one, other) {
        (
            Item::Rect {
                at: a,
                width: aw,
                height: ah,
                fill: af,
                stroke: astroke,
            },
            Item::Rect {
                at: b,
                width: bw,
                height: bh,
                fill: bf,
                stroke: bstroke,
            },
        ) => at(a, b) && near(aw, bw) && near(ah, bh) && af == bf && astroke == bstroke,
        (
            Item::Path {
                points: a,
                fill: af,
                stroke: astroke,
            },
            Item::Path {
                points: b,
                fill: bf,
                stroke: bstroke,
            },
        ) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| at(a, b))
                && af == bf
                && astroke == bstroke
        }
        (
            Item::Circle {
                at: a,
                radius: ar,
                fill: af,
                stroke: astroke,
            },
            Item::Circle {
                at: b,
                radius: br,
                fill: bf,
                stroke: bstroke,
            },
        ) => at(a, b) && near(ar, br) && af == bf && astroke == bstroke,
        (
            Item::Text {
                at: a,
                anchor: aa,
                size: asize,
                paint: ap,
                runs: ar,
            },
            Item::Text {
                at: b,
                anchor: ba,
                size: bsize,
                paint: bp,
                runs: br,
            },
        ) => at(a, b) && aa == ba && near(asize, bsize) && ap == bp && ar == br,
        _ => false,
    }
}
