//! The CONSORT flow of participants: Enrollment, Allocation, Follow-up, Analysis (Schulz et al 2010).

use serde::{Deserialize, Serialize};

use crate::statistic::StatId;

/// A flow diagram of a parallel-group trial with 2 to 5 arms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowDiagram {
    /// Boxes of the trunk above the allocation, top to bottom: assessed for eligibility, randomised.
    pub trunk: Vec<FlowBox>,
    /// The arms, left to right.
    pub arms: Vec<Arm>,
    /// Names of the stages of the arms, top to bottom, such as Allocation, Follow-up, Analysis; the side heads.
    pub stages: Vec<String>,
    /// Name of the stage of the trunk (Enrollment).
    pub trunk_stage: String,
}

/// A count with its words: `Lost to follow-up (n = 3)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowCount {
    /// The words.
    pub text: String,
    /// The count; none for words alone (an arm's name).
    pub n: Option<StatId>,
    /// The reasons below it, each with its count.
    pub reasons: Vec<Reason>,
}

/// A reason with its count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The words.
    pub text: String,
    /// The count.
    pub n: StatId,
}

/// A box of the trunk, with what leaves the trunk below it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowBox {
    /// What stands in the box, line by line.
    pub lines: Vec<FlowCount>,
    /// A box at the side of the arrow that leaves this one: excluded, with reasons.
    pub excluded: Option<FlowCount>,
}

/// An arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// One entry for each of the diagram's stages.
    pub stages: Vec<ArmStage>,
}

/// What an arm's box in one stage holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmStage {
    /// Line by line: allocated, received, did not receive (reasons); lost (reasons); analysed, excluded (reasons).
    pub lines: Vec<FlowCount>,
}
