//! What stands where on the pages: for checks of the layout that need no external program.

use typst::layout::{Frame, FrameItem, Point, Transform};

use super::engine::ClosedWorld;
use super::typst::TypstProject;
use crate::diagnostic::Diagnostics;

/// A piece of text on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedText {
    /// The page, counted from 1.
    pub page: usize,
    /// The left end of its baseline from the page's left edge, in points.
    pub x: f64,
    /// Its baseline from the page's top edge, in points.
    pub y: f64,
    /// Its width in points.
    pub width: f64,
    /// Its size in points.
    pub size: f64,
    /// The family of its font.
    pub family: String,
    /// What it says.
    pub text: String,
}

/// Lays a project out and lists every piece of visible text in the order in which it is drawn, with the number of
/// pages.
pub fn placed_texts(project: &TypstProject) -> Result<(usize, Vec<PlacedText>), Diagnostics> {
    let world = ClosedWorld::new(project, "", &std::collections::BTreeMap::new(), None)?;
    let document = world.pages()?;
    let mut texts = Vec::new();
    for (index, page) in document.pages().iter().enumerate() {
        collect(&page.frame, index + 1, Transform::identity(), &mut texts);
    }
    Ok((document.pages().len(), texts))
}

fn collect(frame: &Frame, page: usize, to_page: Transform, out: &mut Vec<PlacedText>) {
    for (at, item) in frame.items() {
        let here = to_page.pre_concat(Transform::translate(at.x, at.y));
        match item {
            FrameItem::Group(group) => {
                collect(&group.frame, page, here.pre_concat(group.transform), out);
            }
            FrameItem::Text(text) => {
                let place = Point::zero().transform(here);
                out.push(PlacedText {
                    page,
                    x: place.x.to_pt(),
                    y: place.y.to_pt(),
                    width: text.width().to_pt() * here.sx.get(),
                    size: text.size.to_pt() * here.sx.get(),
                    family: text.font.font().info().family.as_str().to_owned(),
                    text: text.text.as_str().to_owned(),
                });
            }
            _ => {}
        }
    }
}
