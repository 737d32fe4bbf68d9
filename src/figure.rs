//! Figures: an artefact and a style become a [`Scene`] of lines, shapes and text with coordinates, which all renderers
//! share.

mod scene;

pub use scene::{Anchor, Item, Paint, Point, Scene, Stroke, TextRun, Weight};
