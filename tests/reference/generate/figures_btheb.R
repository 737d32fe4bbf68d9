# The figures of Beat the Blues: differences by subgroup with their tests of interaction, means with intervals by visit,
# a linear model with HC3 and type III tests, and who was measured.
# Run after summary.R, which writes data/btheb.csv.
source("expected.R")
btheb <- read.csv(file.path("..", "data", "btheb.csv"), stringsAsFactors = FALSE)
btheb$treatment <- factor(btheb$treatment, levels = c("TAU", "BtheB"))
btheb$drug <- factor(btheb$drug, levels = c("No", "Yes"))
btheb$length <- factor(btheb$length, levels = c("<6m", ">6m"))

subgroups <- function(factor, others) {
  fit <- lm(reformulate(c(paste0("treatment*", factor), others), "bdi_2m"), data = btheb)
  without <- lm(reformulate(c("treatment", factor, others), "bdi_2m"), data = btheb)
  test <- anova(without, fit)
  levels <- levels(btheb[[factor]])
  out <- list(interaction = list(statistic = test$F[2], p_value = test$`Pr(>F)`[2], df_residual = df.residual(fit)))
  for (i in seq_along(levels)) {
    # The arm's coefficient where this level is the reference is the effect within it.
    data <- btheb
    data[[factor]] <- relevel(data[[factor]], levels[i])
    within <- lm(reformulate(c(paste0("treatment*", factor), others), "bdi_2m"), data = data)
    row <- coef(summary(within))["treatmentBtheB", ]
    interval <- confint(within)["treatmentBtheB", ]
    here <- model.frame(within)[[factor]] == levels[i]
    arm <- model.frame(within)$treatment
    out[[paste0("level", i)]] <- list(estimate = row[[1]], std_error = row[[2]], low = interval[[1]], high = interval[[2]],
                                      n = sum(here & arm == "BtheB"), n_reference = sum(here & arm == "TAU"))
  }
  out
}
course <- list()
measured <- list()
for (v in c("bdi_pre", "bdi_2m", "bdi_8m")) {
  for (a in levels(btheb$treatment)) {
    x <- btheb[[v]][btheb$treatment == a]
    test <- t.test(x)
    course[[v]][[a]] <- list(n = sum(!is.na(x)), mean = unname(test$estimate), low = test$conf.int[1],
                             high = test$conf.int[2])
    measured[[v]][[a]] <- list(measured = sum(!is.na(x)), missing = sum(is.na(x)))
  }
}
fit <- lm(bdi_2m ~ treatment * drug + bdi_pre, data = btheb)
x <- model.matrix(fit)
bread <- solve(crossprod(x))
hc3 <- bread %*% crossprod(x * (residuals(fit) / (1 - hatvalues(fit)))) %*% bread
sum_coded <- lm(bdi_2m ~ treatment * drug + bdi_pre, data = btheb, contrasts = list(treatment = "contr.sum", drug = "contr.sum"))
type3 <- drop1(sum_coded, . ~ ., test = "F")
model <- list(nobs = nobs(fit), sigma = sigma(fit), logLik = as.numeric(logLik(fit)), AIC = AIC(fit), BIC = BIC(fit),
              estimate = coef(fit)[["treatmentBtheB:drugYes"]],
              std_error = coef(summary(fit))["treatmentBtheB:drugYes", 2],
              hc3 = sqrt(hc3["treatmentBtheB:drugYes", "treatmentBtheB:drugYes"]),
              type3_f = type3["treatment", "F value"], type3_p = type3["treatment", "Pr(>F)"])
values <- list(drug = subgroups("drug", c("bdi_pre", "length")), length = subgroups("length", c("bdi_pre", "drug")),
               course = course, measured = measured, model = model)
write_expected("figures_btheb", "stats", "lm, anova, confint, t.test, drop1; HC3 by its formula", values,
               relative = 1e-10)
