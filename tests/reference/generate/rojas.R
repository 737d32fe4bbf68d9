# The models of Rojas et al (2023) on the authors' data, which are not in the repository: the path of the file is the
# argument. Only what is computed of them is written.
source("expected.R")
suppressPackageStartupMessages({library(haven); library(lmerTest); library(emmeans)})
path <- commandArgs(TRUE)[1]
data <- as.data.frame(lapply(zap_labels(read_sav(path)), as.numeric))
data$arm <- factor(data$Group, 0:1, c("WL", "CCT"))
data$time <- factor(data$Time, 1:3, c("pre", "post", "follow-up"))
data$covid <- data$COVID_1
outcomes <- c("FFMQ_Observing", "FFMQ_Describing", "FFMQ_ActingAwareness", "FFMQ_NonJudgment", "FFMQ_NonReactivity",
              "SCS_SelfKidness_TOT", "SCS_CommonHumanity_TOT", "SCS_Mindfulness_TOT", "CSP_TOTAL", "IRI_EmpathicConcern",
              "DASS_Stress", "DASS_Depression", "DASS_Anxiety", "MBI_Exhastion", "MBI_Cynicsm", "DERS_Desatencion",
              "DERS_Confusion", "DERS_Rechazo", "DERS_Interferencia", "DERS_Descontrol", "PHI_TOTAL", "BRS_TOTAL",
              "MBI_AcademicEffectiv", "covid")
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5))
describe <- function(outcome) {
  m <- lmer(as.formula(paste(outcome, "~ arm * time + (1 | id)")), data, control = control)
  fixed <- coef(summary(m))[-1, ]
  ci <- suppressWarnings(suppressMessages(confint(as(m, "lmerMod"), parm = "beta_", quiet = TRUE, delta.cutoff = 1 / 16)))[-1, ]
  # Contrasts in R's order: pre less post, pre less follow-up, post less follow-up, within each arm.
  means <- emmeans(m, ~ time | arm, lmer.df = "satterthwaite")
  pairs <- as.data.frame(pairs(means, adjust = "tukey"))
  list(estimate = I(unname(fixed[, "Estimate"])), se = I(unname(fixed[, "Std. Error"])), low = I(unname(ci[, 1])),
       high = I(unname(ci[, 2])), p = I(pairs$p.value[c(1, 2, 4, 5)]))
}
values <- setNames(lapply(outcomes, function(o) { message(o); describe(o) }), outcomes)
write_expected("rojas", "lme4",
               "lmer(y ~ arm * time + (1 | id)), confint(method = 'profile', delta.cutoff = 1/16), pairs(emmeans(m, ~ time | arm, lmer.df = 'satterthwaite'))",
               list(outcomes = values), relative = 1e-6)
