//! The effect of an arm within subgroups, from one model with their interaction.

use super::super::model_error::ModelError;
use super::FTest;
use super::estimate::Estimate;
use super::fit::LinearFit;
use super::means::arm_differences;

/// The effect within one subgroup.
#[derive(Debug, Clone, PartialEq)]
pub struct SubgroupEffect {
    /// The subgroup's level.
    pub level: String,
    /// Rows of the arm in the subgroup.
    pub n: usize,
    /// Rows of the reference arm in the subgroup.
    pub n_reference: usize,
    /// The adjusted difference, or why the data can't tell it.
    pub estimate: Result<Estimate, ModelError>,
}

/// Effects within subgroups and the test that they differ.
#[derive(Debug, Clone, PartialEq)]
pub struct SubgroupAnalysis {
    /// An effect for each level in use.
    pub effects: Vec<SubgroupEffect>,
    /// The F test of all terms that hold both the arm and the subgroup: the P for interaction.
    pub interaction: FTest,
}

impl LinearFit {
    /// The adjusted difference between two arms within each level of a factor, and the P for interaction. The model
    /// must hold the interaction of the two (`outcome ~ arm * subgroup + …`). With a robust covariance the test of
    /// interaction is a Wald test with it; else coefficients that are aliased count for nothing in it.
    pub fn subgroup_effects(
        &self,
        arm: &str,
        level: &str,
        reference: &str,
        subgroup: &str,
    ) -> Result<SubgroupAnalysis, ModelError> {
        let interaction = self.interaction_test(arm, subgroup)?;
        let (arms, arm_codes) = self.frame.factor(arm)?;
        let (subgroups, subgroup_codes) = self.frame.factor(subgroup)?;
        let count = |arm: &str, in_group: usize| {
            let arm = arms.iter().position(|level| level == arm);
            let both = arm_codes.iter().zip(subgroup_codes).enumerate();
            both.filter(|&(row, (&a, &s))| {
                Some(a) == arm && s == in_group && self.weight(row) > 0.0
            })
            .count()
        };
        let differences = arm_differences(self, arm, level, reference, &[subgroup.to_owned()])?;
        let effects = subgroups.iter().zip(differences).enumerate();
        let effects = effects
            .map(|(index, (name, difference))| SubgroupEffect {
                level: name.clone(),
                n: count(level, index),
                n_reference: count(reference, index),
                estimate: difference.estimate,
            })
            .collect();
        Ok(SubgroupAnalysis {
            effects,
            interaction,
        })
    }

    /// The F test of all columns of terms that hold both factors.
    fn interaction_test(&self, arm: &str, subgroup: &str) -> Result<FTest, ModelError> {
        let missing = || ModelError::NotInModel {
            name: format!("{arm}:{subgroup}"),
            available: self.formula.term_labels(),
        };
        let variable = |name: &str| {
            let found = |variable: &super::super::model_frame::FrameVariable| {
                variable.transform.plain_column() == Some(name)
            };
            self.frame
                .variables
                .iter()
                .position(found)
                .ok_or_else(missing)
        };
        let (arm, subgroup) = (variable(arm)?, variable(subgroup)?);
        let holds_both = |term: Option<usize>| {
            let term = term.and_then(|index| self.formula.terms.get(index));
            term.is_some_and(|term| {
                term.variables.contains(&arm) && term.variables.contains(&subgroup)
            })
        };
        let (interaction, others): (Vec<usize>, Vec<usize>) = (0..self.design.term_of.len())
            .partition(|&column| holds_both(self.design.term_of.get(column).copied().flatten()));
        if interaction.is_empty() || arm == subgroup {
            return Err(missing());
        }
        if self.robust.is_some() {
            let rows: Vec<Vec<f64>> = interaction
                .iter()
                .map(|&column| self.unit_row(column))
                .collect();
            return self.joint_test(&rows);
        }
        let test = self.added_columns(&others, &interaction)?;
        test.ok_or_else(|| ModelError::NotEstimable {
            aliased: self.aliased(),
        })
    }
}
