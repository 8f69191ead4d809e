//! The parts of a form as its templates show them.

use super::words::Span;

/// A setting, or a question of the form's own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// Name of the field, and id of it in the page.
    pub(crate) name: String,
    /// What it is called.
    pub(crate) label: String,
    /// What it does.
    pub(crate) hint: Vec<Span>,
    /// First version of the system that has it, if that is later than the profile's.
    pub(crate) since: Option<String>,
    /// Whether something has to stand there.
    pub(crate) is_required: bool,
    /// What is wrong with what stands there.
    pub(crate) wrong: Vec<String>,
    /// When it is shown, for the script; empty for always.
    pub(crate) when: String,
    /// The same in words, for where there is no script.
    pub(crate) when_said: String,
    /// Whether it is shown now.
    pub(crate) is_shown: bool,
    /// How many parents it has in its section.
    pub(crate) depth: usize,
    /// How it is filled in.
    pub(crate) widget: Widget,
}

/// How something is filled in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Widget {
    /// One line of text.
    Line {
        /// What stands there.
        value: String,
        /// Most characters.
        maximum: usize,
        /// What is often meant.
        suggestions: Vec<Choice>,
    },
    /// One item on each line.
    Lines {
        /// What stands there.
        value: String,
    },
    /// A whole number.
    Number {
        /// What stands there, a number or not.
        value: String,
        /// Smallest.
        minimum: i64,
        /// Greatest.
        maximum: i64,
    },
    /// One of a few, side by side.
    Radios(Vec<Choice>),
    /// One of many.
    Select(Vec<Choice>),
    /// Any of a few.
    Boxes(Vec<Choice>),
    /// A certificate, pasted or from a file.
    Certificate {
        /// What stands there.
        value: String,
        /// The field into which the name of the file goes; empty for none.
        file_name: &'static str,
    },
    /// A list of objects.
    Rows {
        /// What each consists of.
        columns: Vec<Column>,
        /// What is there, with an empty row at the end.
        rows: Vec<Line>,
    },
    /// A profile that is referred to.
    Reference {
        /// The profiles that can be.
        choices: Vec<Choice>,
        /// What is to be chosen, for people.
        target: String,
    },
    /// What cannot be changed any more.
    Fixed {
        /// What it is.
        value: String,
    },
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What is shown.
    pub(crate) label: String,
    /// Whether it is chosen.
    pub(crate) is_chosen: bool,
    /// Why it cannot be chosen; empty if it can.
    pub(crate) unavailable: String,
}

/// A column of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// What it is called.
    pub(crate) label: String,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// Its number, from one.
    pub(crate) number: usize,
    /// What stands in it.
    pub(crate) cells: Vec<Cell>,
}

/// What stands in one column of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    /// Name of the field, and id of it in the page.
    pub(crate) name: String,
    /// What the column is called.
    pub(crate) label: String,
    /// What is wrong.
    pub(crate) wrong: Vec<String>,
    /// How it is filled in.
    pub(crate) widget: Widget,
}

impl Cell {
    /// Id of what is wrong, for `aria-describedby`.
    pub(crate) fn described_by(&self) -> String {
        if self.wrong.is_empty() {
            String::new()
        } else {
            format!("{}-wrong", self.name)
        }
    }
}

impl Field {
    /// Whether it is one question with several inputs, which stand in a `fieldset`.
    pub(crate) fn is_group(&self) -> bool {
        matches!(
            self.widget,
            Widget::Radios(_) | Widget::Boxes(_) | Widget::Rows { .. }
        )
    }

    /// Ids of what describes it, for `aria-describedby`.
    pub(crate) fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-hint", self.name));
        }
        if !self.wrong.is_empty() {
            ids.push(format!("{}-wrong", self.name));
        }
        ids.join(" ")
    }

    /// The id that a link to what is wrong leads to.
    pub(crate) fn anchor(&self) -> String {
        match &self.widget {
            Widget::Radios(choices) | Widget::Boxes(choices) => choices
                .iter()
                .find(|choice| choice.unavailable.is_empty())
                .map_or_else(|| self.name.clone(), |one| self.choice_id(&one.value)),
            Widget::Rows { .. } => format!("{}.0", self.name),
            _ => self.name.clone(),
        }
    }

    /// Id of one answer in the page.
    pub(crate) fn choice_id(&self, value: &str) -> String {
        format!("{}-{value}", self.name)
    }
}
