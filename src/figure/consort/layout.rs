//! Where a flow diagram's boxes and arrows lie: plain geometry, before anything is drawn.

use super::block::{Block, SetText};
use crate::artefact::{ArmStage, FlowBox, FlowCount, FlowDiagram};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::figure::canvas::{point, sensible_width};
use crate::figure::scene::Point;
use crate::figure::theme::StageHeads;
use crate::figure::{Setting, shrinking};

/// The narrowest box of an arm in sizes of its text; more arms than fit make the figure wider.
const LEAST_BOX: f64 = 7.0;

/// What a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxKind {
    /// The head of a stage.
    Head,
    /// A box of the trunk.
    Trunk,
    /// A box at the side of the trunk.
    Excluded,
    /// A box of an arm.
    Arm {
        /// Which arm, from the left.
        arm: usize,
        /// Which stage, from the top.
        stage: usize,
    },
}

/// A box at its place, in points.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedBox {
    /// What it is.
    pub kind: BoxKind,
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Its text.
    pub texts: Vec<SetText>,
}

impl PlacedBox {
    fn bottom(&self) -> f64 {
        self.y + self.height
    }

    fn centre(&self) -> f64 {
        self.x + self.width / 2.0
    }
}

/// An arrow from a box's lower edge to another box.
#[derive(Debug, Clone, PartialEq)]
pub struct Connector {
    /// Index of the box where it starts.
    pub from: usize,
    /// Index of the box where it ends.
    pub to: usize,
    /// Its corners from start to tip.
    pub points: Vec<Point>,
}

/// A flow diagram's geometry.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Width of the whole in points.
    pub width: f64,
    /// Height of the whole in points.
    pub height: f64,
    /// Size of the text in points.
    pub size: f64,
    /// The boxes.
    pub boxes: Vec<PlacedBox>,
    /// The arrows.
    pub connectors: Vec<Connector>,
    /// What could not be done well.
    pub diagnostics: Diagnostics,
}

/// Lays a flow diagram out in the largest text in which no word is cut, or in the theme's smallest.
pub fn layout(flow: &FlowDiagram, setting: Setting) -> Layout {
    let lay_out = |size| Builder::new(flow, setting, size).build();
    let (layout, _) = shrinking(setting.theme, lay_out, |(_, cut)| !cut);
    layout
}

struct Builder<'a> {
    flow: &'a FlowDiagram,
    setting: Setting<'a>,
    size: f64,
    /// Between text and edge.
    padding: f64,
    /// Between the outermost edges and the figure's border: half a line.
    margin: f64,
    width: f64,
    head_width: f64,
    /// Left edge of where the boxes stand.
    left: f64,
    y: f64,
    boxes: Vec<PlacedBox>,
    connectors: Vec<Connector>,
    cut: bool,
    diagnostics: Diagnostics,
}

impl<'a> Builder<'a> {
    fn new(flow: &'a FlowDiagram, setting: Setting<'a>, size: f64) -> Self {
        let margin = setting.theme.line / 2.0;
        let mut builder = Self {
            flow,
            setting,
            size,
            padding: 0.6 * size,
            margin,
            width: sensible_width(setting.width),
            head_width: 0.0,
            left: margin,
            y: margin,
            boxes: Vec::new(),
            connectors: Vec::new(),
            cut: false,
            diagnostics: Diagnostics::new(),
        };
        builder.set_columns();
        builder
    }

    /// How wide the stages' heads are and where the boxes begin.
    fn set_columns(&mut self) {
        let names = self.flow.stages.iter().chain([&self.flow.trunk_stage]);
        if self.setting.theme.heads == StageHeads::Side {
            let room = 0.16 * self.width - 2.0 * self.padding;
            self.head_width = names
                .map(|name| self.head_block(name, room).width)
                .fold(0.0, f64::max);
        }
        if self.head_width > 0.0 {
            self.head_width += 2.0 * self.padding;
            self.left += self.head_width + 1.2 * self.size;
        }
        let arms = self.flow.arms.len() as f64;
        let needed = self.left + arms * (LEAST_BOX * self.size + self.arm_gap()) - self.arm_gap();
        if needed > self.width - self.margin {
            self.width = needed + self.margin;
            let message = "the flow has too many arms for its width and was made wider";
            self.diagnostics
                .push(Diagnostic::warning("figure-too-wide", message));
        }
    }

    fn head_block(&self, name: &str, room: f64) -> Block {
        Block::of_head(name, self.setting, self.size, room)
    }

    fn arm_gap(&self) -> f64 {
        self.size
    }

    /// The height of an arrow between two boxes.
    fn step(&self) -> f64 {
        1.9 * self.size
    }

    fn area(&self) -> f64 {
        self.width - self.margin - self.left
    }

    /// The middle of the trunk.
    fn trunk_centre(&self) -> f64 {
        self.left + self.area() / 2.0
    }

    fn build(mut self) -> (Layout, bool) {
        self.place_trunk();
        self.place_arms();
        let bottom = self.boxes.iter().map(PlacedBox::bottom).fold(0.0, f64::max);
        let layout = Layout {
            width: self.width,
            height: bottom + self.margin,
            size: self.size,
            boxes: self.boxes,
            connectors: self.connectors,
            diagnostics: self.diagnostics,
        };
        (layout, self.cut)
    }

    fn block(&mut self, lines: &[FlowCount], width: f64) -> Block {
        let block = Block::of_counts(lines, self.setting, self.size, width - 2.0 * self.padding);
        self.cut |= block.cut;
        block
    }

    /// Puts a block in a box of `width`, its corner at `x` and the current height; its index.
    fn put(&mut self, kind: BoxKind, block: Block, x: f64, width: f64) -> usize {
        let (dx, dy) = (x + self.padding, self.y + 0.8 * self.padding);
        self.boxes.push(PlacedBox {
            kind,
            x,
            y: self.y,
            width,
            height: block.height + 1.6 * self.padding,
            texts: block.texts.into_iter().map(|t| t.moved(dx, dy)).collect(),
        });
        self.boxes.len() - 1
    }

    fn place_trunk(&mut self) {
        let flow = self.flow;
        let top = self.y;
        let mut above: Option<usize> = None;
        for part in &flow.trunk {
            if let Some(above) = above {
                self.y = self.boxes.get(above).map_or(self.y, PlacedBox::bottom);
                self.y = self.below_excluded(above).unwrap_or(self.y + self.step());
            }
            let Some(index) = self.place_trunk_box(part) else {
                continue;
            };
            if let Some(above) = above {
                self.connect_straight(above, index);
            }
            above = Some(index);
        }
        if above.is_some() {
            let bottom = self.boxes.iter().map(PlacedBox::bottom).fold(top, f64::max);
            let bottom = self.place_head(&flow.trunk_stage, top, bottom);
            self.y = bottom + self.step();
        }
    }

    /// Where the trunk goes on below what was excluded beside `above`.
    fn below_excluded(&self, above: usize) -> Option<f64> {
        let side = self.boxes.get(above + 1)?;
        (side.kind == BoxKind::Excluded).then(|| side.bottom() + 0.8 * self.size)
    }

    /// A box in the middle with what is excluded below it at its right; a box without lines is left out.
    fn place_trunk_box(&mut self, part: &FlowBox) -> Option<usize> {
        let area = self.area();
        let block = self.block(&part.lines, 0.6 * area);
        if block.texts.is_empty() {
            return None;
        }
        let width = block.width + 2.0 * self.padding;
        let centre = self.trunk_centre();
        let index = self.put(BoxKind::Trunk, block, centre - width / 2.0, width);
        if let Some(excluded) = &part.excluded {
            self.place_excluded(index, excluded, centre);
        }
        Some(index)
    }

    fn place_excluded(&mut self, trunk: usize, excluded: &FlowCount, centre: f64) {
        let x = centre + 2.4 * self.size;
        let room = self.left + self.area() - x;
        let block = self.block(std::slice::from_ref(excluded), room);
        if block.texts.is_empty() {
            return;
        }
        let bottom = self.boxes.get(trunk).map_or(self.y, PlacedBox::bottom);
        self.y = bottom + 0.8 * self.size;
        let width = block.width + 2.0 * self.padding;
        let side = self.put(BoxKind::Excluded, block, x, width);
        let middle = self
            .boxes
            .get(side)
            .map_or(self.y, |b| b.y + b.height / 2.0);
        let points = vec![
            point(centre, bottom),
            point(centre, middle),
            point(x, middle),
        ];
        self.connectors.push(Connector {
            from: trunk,
            to: side,
            points,
        });
    }

    /// A stage's head beside its boxes; the stage's bottom, which a long head pushes down.
    fn place_head(&mut self, name: &str, top: f64, bottom: f64) -> f64 {
        if self.head_width == 0.0 {
            return bottom;
        }
        let block = self.head_block(name, self.head_width - 2.0 * self.padding);
        if block.texts.is_empty() {
            return bottom;
        }
        self.cut |= block.cut;
        let text_height = block.height;
        self.y = top;
        let index = self.put(BoxKind::Head, block, self.margin, self.head_width);
        let Some(head) = self.boxes.get_mut(index) else {
            return bottom;
        };
        head.height = head.height.max(bottom - top);
        let moved = (head.height - text_height) / 2.0 - 0.8 * self.padding;
        for text in &mut head.texts {
            text.at.y += moved;
        }
        top + head.height
    }

    fn place_arms(&mut self) {
        let arms = self.flow.arms.len();
        if arms == 0 {
            return;
        }
        let trunk = self.boxes.iter().rposition(|b| b.kind == BoxKind::Trunk);
        let bus = self.y - self.step() / 2.0;
        if trunk.is_some() && arms > 1 {
            self.y += 0.3 * self.size;
        }
        let column = (self.area() + self.arm_gap()) / arms as f64;
        let width = self.arm_width(column - self.arm_gap());
        let mut above = vec![trunk; arms];
        let stages = self.flow.arms.iter().map(|a| a.stages.len()).max();
        for stage in 0..stages.unwrap_or(0).max(self.flow.stages.len()) {
            let top = self.y;
            let mut bottom = top;
            for (arm, above) in above.iter_mut().enumerate() {
                let centre = self.left + column * (arm as f64 + 0.5) - self.arm_gap() / 2.0;
                self.y = top;
                let kind = BoxKind::Arm { arm, stage };
                if let Some(index) = self.place_arm(kind, centre - width / 2.0, width) {
                    if let Some(above) = *above {
                        self.connect_arm(above, index, bus);
                    }
                    *above = Some(index);
                    bottom = bottom.max(self.boxes.get(index).map_or(top, PlacedBox::bottom));
                }
            }
            if bottom > top {
                let name = self.flow.stages.get(stage).map_or("", String::as_str);
                self.y = self.place_head(name, top, bottom) + self.step();
            }
        }
    }

    /// One width for all arms' boxes: what the widest needs, up to the column.
    fn arm_width(&mut self, column: f64) -> f64 {
        let flow = self.flow;
        let stages = flow.arms.iter().flat_map(|a| &a.stages);
        let widest = stages
            .map(|stage| self.block(&stage.lines, column).width)
            .fold(0.0, f64::max);
        (widest + 2.0 * self.padding).min(column)
    }

    fn place_arm(&mut self, kind: BoxKind, x: f64, width: f64) -> Option<usize> {
        let BoxKind::Arm { arm, stage } = kind else {
            return None;
        };
        let ArmStage { lines } = self.flow.arms.get(arm)?.stages.get(stage)?;
        let block = self.block(lines, width);
        (!block.texts.is_empty()).then(|| self.put(kind, block, x, width))
    }

    /// An arrow down to the next box of the trunk.
    fn connect_straight(&mut self, from: usize, to: usize) {
        let (Some(upper), Some(lower)) = (self.boxes.get(from), self.boxes.get(to)) else {
            return;
        };
        let x = self.trunk_centre();
        let points = vec![point(x, upper.bottom()), point(x, lower.y)];
        self.connectors.push(Connector { from, to, points });
    }

    /// An arrow to an arm's box: from the box above it, or from the trunk along the common line at `bus`.
    fn connect_arm(&mut self, from: usize, to: usize, bus: f64) {
        let (Some(upper), Some(lower)) = (self.boxes.get(from), self.boxes.get(to)) else {
            return;
        };
        let x = lower.centre();
        let start = if upper.kind == BoxKind::Trunk {
            self.trunk_centre()
        } else {
            x
        };
        let mut points = vec![point(start, upper.bottom())];
        if (start - x).abs() > 1e-6 {
            points.extend([point(start, bus), point(x, bus), point(x, lower.y)]);
        } else {
            points.push(point(start, lower.y));
        }
        self.connectors.push(Connector { from, to, points });
    }
}
