# Covariance structures, their optimum and the inference on fixed effects, from the formulas (mmrm_common.R), with the
# likelihood of nlme's gls as a second witness.
source("mmrm_common.R")
data <- list(growth = growth(), trial = trial())
write_data("mixed_growth", data$growth)

growth_model <- function(kind, formula = "distance ~ sex * visit", ...) list(formula = formula, data = "growth", visit = "visit", subject = "subject", kind = kind, ...)
trial_model <- function(kind, visit = "time", ...) list(formula = "y ~ arm * time + age", data = "trial", visit = visit, subject = "id", kind = kind, ...)
kinds <- c("us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh")
models <- c(
  setNames(lapply(kinds, growth_model), paste0("growth_", kinds)),
  setNames(lapply(kinds, trial_model), paste0("trial_", kinds)),
  list(growth_line = growth_model("us", "distance ~ sex * age"), growth_line_ml = growth_model("us", "distance ~ sex * age", ml = TRUE),
       growth_line_cs_ml = growth_model("cs", "distance ~ sex * age", ml = TRUE),
       growth_grouped = growth_model("cs", "distance ~ sex * age", ml = TRUE, group = "sex"),
       growth_exp = growth_model("sp_exp", "distance ~ sex * age"),
       trial_exp = trial_model("sp_exp", "visit"), trial_grouped = trial_model("us", group = "arm"),
       trial_grouped_ar1h = trial_model("ar1h", group = "arm"), trial_weighted = trial_model("us", weights = "w"),
       trial_weighted_toep = trial_model("toep", weights = "w"), trial_ml = trial_model("toeph", ml = TRUE)))
models$growth_exp$visit <- "age"
values <- lapply(models, describe, data = data)

# nlme's likelihood, where it has the structure.
witness <- function(name) {
  m <- models[[name]]
  if (!is.null(m$group) || !is.null(m$weights) || !(m$kind %in% c("us", "cs", "csh", "ar1", "ar1h"))) return()
  d <- problem_of(m, data[[m$data]])$d
  d$v <- as.integer(droplevels(d[[m$visit]])); d$f <- factor(d$v); d$s <- d[[m$subject]]
  correlation <- switch(sub("h$", "", m$kind), us = corSymm(form = ~v | s), cs = corCompSymm(form = ~v | s), ar1 = corAR1(form = ~v | s))
  weights <- if (m$kind %in% c("us", "csh", "ar1h")) varIdent(form = ~1 | f)
  fit <- gls(as.formula(m$formula), d, correlation, weights, method = if (is.null(m$ml)) "REML" else "ML", control = glsControl(maxIter = 500, msMaxIter = 500, tolerance = 1e-10))
  difference <- -2 * as.numeric(logLik(fit)) - values[[name]]$criterion
  cat(sprintf("%-20s gls %.2e\n", name, difference))
  stopifnot(abs(difference) < 1e-3, difference > -1e-6)
}
invisible(lapply(names(models), witness))

own <- function(relative, absolute, reason) list(relative = relative, absolute = absolute, reason = reason)
of <- list()
for (name in names(values)) {
  prefix <- paste0("fits.", name, ".")
  of[[paste0(prefix, "criterion")]] <- own(1e-9, 0, "architecture.md")
  of[[paste0(prefix, "beta")]] <- own(1e-6, 1e-6, "architecture.md; coefficients near 0, of standard error 0.2 and more")
  of[[paste0(prefix, "se")]] <- own(1e-5, 0, "architecture.md")
  of[[paste0(prefix, "sigma")]] <- own(1e-4, 1e-6, "architecture.md; correlations near 0")
  for (method in c("kenward_roger", "kenward_roger_linear", "expected")) if (!is.null(values[[name]][[method]]))
    of[[paste0(prefix, method, ".se")]] <- own(1e-5, 0, "architecture.md")
}
write_expected("mmrm", "numDeriv", "the formulas by R, derivatives by numDeriv; likelihoods as nlme 3.1-162 gls where it has the structure",
               list(fits = values, levels = factor_levels(data)), relative = 1e-4, of = of)
