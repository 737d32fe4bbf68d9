# Profile-likelihood intervals and likelihood-ratio tests.
source("mixed_common.R")
data <- mixed_data()

# Not with weights: lme4 1.1-31 profiles coefficients without them (limits a hundredth of the Wald interval's width).
# `btheb_slope`, `.sig01` and `.sigma`: where the profile bends at a correlation of 1 the spline misses it; the limits
# solved for directly (a dense likelihood, the others maximised by optim) are 8.808601 and 4.358268.
chosen <- c("sleep", "sleep_slope", "sleep_ml", "sleep_independent", "penicillin", "pastes", "cbpp", "btheb",
            "btheb_slope", "trial", "trial_slope", "singular", "far")
describe <- function(name) {
  model <- models[[name]]
  m <- fit_model(model, data)
  m <- as(m, "lmerMod")
  # Finer steps than the default's, for a spline nearer to the curve.
  ci <- suppressWarnings(suppressMessages(confint(m, method = "profile", quiet = TRUE, delta.cutoff = 1 / 16)))
  ci90 <- suppressWarnings(suppressMessages(confint(m, "beta_", level = 0.9, method = "Wald")))
  ml <- suppressWarnings(suppressMessages(refitML(m)))
  sds <- as.data.frame(VarCorr(ml), order = "lower.tri")$sdcor
  se <- c(rep(NA, nrow(ci) - length(fixef(m))), sqrt(diag(as.matrix(vcov(ml)))))
  plain <- function(v) ifelse(is.na(v), NaN, v)
  c(header(model), list(names = I(rownames(ci)), low = I(plain(unname(ci[, 1]))), high = I(plain(unname(ci[, 2]))),
                        ml = I(plain(c(unname(sds), unname(fixef(ml))))), se = I(plain(unname(se))),
                        wald_low = I(unname(ci90[, 1])), wald_high = I(unname(ci90[, 2]))))
}
values <- setNames(lapply(chosen, function(name) { message(name); describe(name) }), chosen)

ratio <- function(small, large, ...) {
  fit <- function(formula) suppressWarnings(suppressMessages(lmer(as.formula(formula), data$trial, REML = FALSE, control = tight())))
  a <- suppressMessages(anova(fit(small), fit(large)))
  list(small = I(small), large = I(large), test = I(c(a$Chisq[2], a$Df[2], a[["Pr(>Chisq)"]][2])))
}
ratios <- list(interaction = ratio("y ~ arm + visit + (visit | id)", "y ~ arm * visit + (visit | id)"),
               slope = ratio("y ~ arm * visit + (1 | id)", "y ~ arm * visit + (visit | id)"))
# What is compared is the distance in standard errors: see the test.
write_expected("mixed_profile", "lme4", "confint(method = 'profile', delta.cutoff = 1/16), confint(method = 'Wald'), anova",
               list(fits = values, ratios = ratios, levels = factor_levels(data[c("sleep", "penicillin", "pastes", "cbpp", "btheb",
                    "trial", "singular", "scaled")])), relative = 1e-6)
