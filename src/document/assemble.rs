//! From a report, what its directives show, and a style to the finished document.

use std::collections::BTreeMap;

use super::figure_numbers::{self, FigureNumbers};
use super::inline::{inlines, value};
use super::lookup::Lookup;
use super::notes::Notes;
use super::results_table::{TableFault, print_table};
use super::shown::cited;
use super::{Align, Author, Bibliography, Block, Document, Inline};
use crate::artefact::Artefact;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::figure::{self, FULL_WIDTH, FigureTheme, Metrics, Scene};
use crate::report::{self, Directive, Quoted, Report, ast};
use crate::statistic::ResultSet;
use crate::style::{JournalStyle, Printer, Rich, Run, Setting};

/// What a document is made of.
#[derive(Clone, Copy)]
pub struct Materials<'a> {
    /// The report.
    pub report: &'a Report,
    /// What its directives show, by label. One that is not here shows nothing.
    pub artefacts: &'a BTreeMap<String, Artefact>,
    /// The numbers.
    pub results: &'a ResultSet,
    /// How they are printed.
    pub style: &'a JournalStyle,
    /// How figures look.
    pub theme: &'a FigureTheme,
    /// The widths of the figures' font.
    pub metrics: &'a Metrics<'a>,
    /// A sentence for every page's margin, such as that the data are simulated.
    pub banner: Option<&'a str>,
}

/// Assembles the document. Inline values that name nothing are reported and left out; the document is then not to be
/// rendered.
pub fn assemble(materials: &Materials<'_>) -> (Document, Diagnostics) {
    let mut assembly = Assembly {
        materials,
        printer: Printer::new(materials.style, materials.results),
        diagnostics: Diagnostics::new(),
    };
    let report = materials.report;
    let (summary, body) = split_summary(&report.blocks, &materials.style.rules.words.summary);
    let title = report.front.title.value.clone();
    let running = report.front.running_title.as_ref();
    let mut document = Document {
        name: report.name.clone(),
        running_title: running.map_or_else(|| title.clone(), |t| t.value.clone()),
        title,
        authors: report.front.authors.iter().map(author).collect(),
        lang: report.front.lang.value.clone(),
        date: report.front.date.days_since_epoch(),
        keywords: report
            .front
            .keywords
            .iter()
            .map(|k| k.value.clone())
            .collect(),
        banner: materials.banner.map(str::to_owned),
        summary: assembly.blocks(summary),
        body: assembly.all_blocks(body),
        bibliography: None,
        claims: None,
        appendix: None,
    };
    document.bibliography = bibliography(report, &document);
    (document, assembly.diagnostics)
}

fn author(author: &report::front_matter::Author) -> Author {
    let text = |at: &Option<crate::reader::At<String>>| at.as_ref().map(|t| t.value.clone());
    Author {
        name: author.name.value.clone(),
        orcid: text(&author.orcid),
        degrees: text(&author.degrees),
        affiliation: text(&author.affiliation),
        email: text(&author.email),
    }
}

/// What is cited, with the references that it is taken from.
pub(super) fn bibliography(report: &Report, document: &Document) -> Option<Bibliography> {
    let references = report.bibliography.as_ref()?;
    let cited = cited(document);
    (!cited.is_empty()).then(|| Bibliography {
        bibtex: references.source.text.clone(),
        cited,
    })
}

/// The blocks under a heading `Abstract`, if that is the first heading, and all other blocks.
fn split_summary<'r>(
    blocks: &'r [ast::Block],
    word: &str,
) -> (&'r [ast::Block], Vec<&'r ast::Block>) {
    let heading = blocks
        .iter()
        .enumerate()
        .find_map(|(i, block)| match block {
            ast::Block::Heading { level, content, .. } => Some((i, *level, plain_text(content))),
            _ => None,
        });
    let Some((start, level, text)) = heading else {
        return (&[], blocks.iter().collect());
    };
    let text = text.trim().to_lowercase();
    if text != "abstract" && text != word.to_lowercase() {
        return (&[], blocks.iter().collect());
    }
    let rest = blocks.get(start + 1..).unwrap_or_default();
    let next = |b: &ast::Block| matches!(b, ast::Block::Heading { level: l, .. } if *l <= level);
    let length = rest.iter().position(next).unwrap_or(rest.len());
    let (summary, after) = rest.split_at(length);
    let before = blocks.iter().take(start);
    (summary, before.chain(after).collect())
}

fn plain_text(content: &[ast::Inline]) -> String {
    let mut text = String::new();
    ast::visit_inlines(content, &mut |part| {
        if let ast::Part::Inline(ast::Inline::Text { text: words, .. }) = part {
            text.push_str(words);
        }
    });
    text
}

struct Assembly<'a> {
    materials: &'a Materials<'a>,
    printer: Printer<'a>,
    diagnostics: Diagnostics,
}

impl Assembly<'_> {
    fn all_blocks<'r>(&mut self, blocks: impl IntoIterator<Item = &'r ast::Block>) -> Vec<Block> {
        blocks.into_iter().filter_map(|b| self.block(b)).collect()
    }

    fn blocks(&mut self, blocks: &[ast::Block]) -> Vec<Block> {
        self.all_blocks(blocks)
    }

    fn block(&mut self, block: &ast::Block) -> Option<Block> {
        Some(match block {
            ast::Block::Heading { level, content, .. } => Block::Heading {
                level: *level,
                content: self.inlines(content),
            },
            ast::Block::Paragraph { content } => Block::Paragraph {
                content: self.inlines(content),
            },
            ast::Block::List { start, items } => Block::List {
                start: *start,
                items: items.iter().map(|item| self.blocks(item)).collect(),
            },
            ast::Block::Quote { content } => Block::Quote {
                content: self.blocks(content),
            },
            ast::Block::Code { text } => Block::Code { text: text.clone() },
            ast::Block::Math { tex, .. } => Block::Math { tex: tex.clone() },
            ast::Block::Table {
                align, head, rows, ..
            } => Block::Table {
                align: align.iter().copied().map(side).collect(),
                head: self.cells(head),
                rows: rows.iter().map(|row| self.cells(row)).collect(),
            },
            ast::Block::Rule => Block::Rule,
            ast::Block::Directive { index } => {
                let directive = self.materials.report.directives.get(*index)?;
                return self.directive(directive);
            }
        })
    }

    fn cells(&mut self, cells: &[Vec<ast::Inline>]) -> Vec<Vec<Inline>> {
        cells.iter().map(|cell| self.inlines(cell)).collect()
    }

    fn directive(&mut self, directive: &Directive) -> Option<Block> {
        let label = directive.label.value.clone();
        let caption = self.inlines(&directive.caption);
        let authors = self.cells(&directive.notes);
        let artefact = self.materials.artefacts.get(&label)?;
        Some(match artefact {
            Artefact::Table(table) => {
                let (table, faults) = print_table(table, self.printer, authors);
                for fault in faults {
                    self.fault(directive, &fault);
                }
                Block::Results {
                    label,
                    caption,
                    table,
                }
            }
            _ => self.figure(directive, artefact, caption, authors),
        })
    }

    fn figure(
        &mut self,
        directive: &Directive,
        artefact: &Artefact,
        caption: Vec<Inline>,
        authors: Vec<Vec<Inline>>,
    ) -> Block {
        let (own, abbreviations) = figure_numbers::notes_of(artefact);
        let mut notes = Notes::new(self.printer, own, abbreviations);
        let numbers = FigureNumbers::new(artefact, self.printer, &mut notes);
        let (scene, diagnostics) = self.scene(artefact, &numbers);
        let place = |d: Diagnostic| match d.span {
            Some(_) => d,
            None => d.at(directive.span.clone()),
        };
        self.diagnostics.extend(diagnostics.into_iter().map(place));
        let unknown = notes.unknown().clone();
        for key in unknown {
            self.fault(directive, &TableFault::UnknownNote(key));
        }
        let lines = notes.finish(authors).into_iter().map(|note| {
            let mark = note.mark.map(|text| Inline::Superscript {
                content: vec![Inline::text(text)],
            });
            mark.into_iter().chain(note.content).collect()
        });
        Block::Figure {
            label: directive.label.value.clone(),
            caption,
            scene,
            notes: lines.collect(),
            stats: figure_numbers::stats(artefact, self.materials.results),
            printed: numbers.printed(artefact),
        }
    }

    fn scene(&self, artefact: &Artefact, numbers: &FigureNumbers<'_>) -> (Scene, Diagnostics) {
        let setting = figure::Setting {
            numbers,
            theme: self.materials.theme,
            metrics: self.materials.metrics,
            width: FULL_WIDTH,
        };
        draw(artefact, setting)
    }

    /// A mistake of the program, not of the author.
    fn fault(&mut self, directive: &Directive, fault: &TableFault) {
        let what = match fault {
            TableFault::UnknownNote(key) => format!("no note has the key `{key}`"),
            TableFault::WrongRow { row, cells } => format!("row {} has {cells} cells", row + 1),
            TableFault::WrongSpanner(text) => format!("the head `{text}` spans wrong columns"),
        };
        let message = format!("`{}` can't be printed: {what}", directive.label.value);
        let diagnostic = Diagnostic::error("internal", message)
            .at(directive.span.clone())
            .help("this is a mistake in trialbook, please report it");
        self.diagnostics.push(diagnostic);
    }

    fn inlines(&mut self, inlines: &[ast::Inline]) -> Vec<Inline> {
        let mut out = Vec::with_capacity(inlines.len());
        for inline in inlines {
            self.inline(inline, &mut out);
        }
        out
    }

    fn inline(&mut self, inline: &ast::Inline, out: &mut Vec<Inline>) {
        let inline = match inline {
            ast::Inline::Text { text, .. } => Inline::text(text),
            ast::Inline::Emph { content } => Inline::Emph {
                content: self.inlines(content),
            },
            ast::Inline::Strong { content } => Inline::Strong {
                content: self.inlines(content),
            },
            ast::Inline::Strike { content } => Inline::Strike {
                content: self.inlines(content),
            },
            ast::Inline::Superscript { content } => Inline::Superscript {
                content: self.inlines(content),
            },
            ast::Inline::Subscript { content } => Inline::Subscript {
                content: self.inlines(content),
            },
            ast::Inline::Code { text, .. } => Inline::Code { text: text.clone() },
            ast::Inline::Link { url, content, .. } => Inline::Link {
                url: url.clone(),
                content: self.inlines(content),
            },
            ast::Inline::Math { tex, .. } => Inline::Math { tex: tex.clone() },
            ast::Inline::Value(value) => match self.value(value) {
                Some(inline) => inline,
                None => return,
            },
            ast::Inline::Quoted(quoted) => return self.quoted(quoted, out),
            ast::Inline::Cite { keys, .. } => Inline::Cite {
                keys: keys.iter().map(|k| k.value.clone()).collect(),
            },
            ast::Inline::Reference { label } => Inline::Reference {
                label: label.value.clone(),
            },
            ast::Inline::Footnote { content, .. } => Inline::Footnote {
                content: self.blocks(content),
            },
            ast::Inline::Break => Inline::Break,
        };
        out.push(inline);
    }

    fn value(&mut self, written: &report::Value) -> Option<Inline> {
        let lookup = Lookup {
            report: self.materials.report,
            results: self.materials.results,
        };
        let found = lookup.resolve(written, &mut self.diagnostics)?;
        let setting = if found.bare {
            Setting::CELL
        } else {
            Setting::Prose
        };
        let printed = self.printer.quantity(&found.quantity, setting);
        let missing = self.printer.missing(&found.quantity.form);
        for statistic in missing {
            let reasons = statistic.warnings.join("; ");
            let message = format!("`{}` has no value: {reasons}", statistic.id());
            self.diagnostics
                .push(Diagnostic::warning("no-value", message).at(written.span.clone()));
        }
        let stats = found.quantity.form.stats().into_iter().cloned();
        let rule = self.printer.rule_of(&found.quantity, setting);
        Some(value(&printed.rich(), stats.collect(), rule))
    }

    /// A number from elsewhere, as it was typed, and where it is from.
    fn quoted(&mut self, quoted: &Quoted, out: &mut Vec<Inline>) {
        let mut rich = Rich::default();
        rich.push(Run::plain(self.materials.style.typed(&quoted.text)));
        // A raised citation right after a number would read as one of its digits.
        rich.push(Run::plain("\u{a0}"));
        out.push(Inline::Value {
            content: inlines(&rich),
            stats: Vec::new(),
            printing: None,
        });
        out.push(Inline::Cite {
            keys: vec![quoted.key.value.clone()],
        });
    }
}

fn draw(artefact: &Artefact, setting: figure::Setting<'_>) -> (Scene, Diagnostics) {
    match artefact {
        Artefact::Flow(flow) => figure::consort(flow, setting),
        Artefact::Forest(forest) => figure::forest(forest, setting),
        Artefact::LinePlot(plot) => figure::trajectory(plot, setting),
        Artefact::Bars(plot) => figure::bars(plot, setting),
        Artefact::Table(_) => {
            let scene = Scene {
                width: setting.width,
                height: 0.0,
                font: setting.theme.font.clone(),
                items: Vec::new(),
                alt: String::new(),
            };
            let message = "a table can't be drawn as a figure";
            (scene, Diagnostic::error("internal", message).into())
        }
    }
}

fn side(align: report::Align) -> Align {
    match align {
        report::Align::Default => Align::Default,
        report::Align::Left => Align::Left,
        report::Align::Center => Align::Center,
        report::Align::Right => Align::Right,
    }
}
