# Fits of linear mixed models: criterion, estimates, variance components, predictions.
source("mixed_common.R")
data <- mixed_data()
for (name in names(data)) write_data(paste0("mixed_", name), data[[name]])

describe <- function(name) {
  model <- models[[name]]
  m <- fit_model(model, data)
  theta <- getME(m, "theta")
  beta <- fixef(m, add.dropped = TRUE)
  se <- sqrt(diag(as.matrix(vcov(m))))
  components <- unlist(lapply(VarCorr(m), function(v) attr(v, "stddev")))
  correlations <- unlist(lapply(VarCorr(m), function(v) { r <- attr(v, "correlation"); r[lower.tri(r)] }))
  # The deviance function at rough values, so that it is compared off the optimum too.
  rough <- ifelse(getME(m, "lower") == 0, signif(theta, 1) + 0.05, signif(theta, 1) - 0.02)
  plain <- function(v) ifelse(is.na(v), NaN, v)
  out <- c(header(model), list(
    theta = I(unname(theta)), criterion = c(if (is.null(model$ml)) REMLcrit(m) else deviance(m)),
    rough = I(unname(rough)), at_rough = c(do.call(update, list(m, devFunOnly = TRUE))(rough)),
    names = I(names(beta)), estimate = I(plain(unname(beta))), se = I(unname(se)),
    vcov = I(unname(c(as.matrix(cov2cor(vcov(m)))))), sigma = sigma(m), sd = I(unname(components)),
    loglik = c(logLik(m)), aic = AIC(m), bic = BIC(m), nobs = nobs(m), groups = I(unname(getME(m, "l_i"))),
    singular = isSingular(m)))
  if (length(correlations)) out$cor <- I(plain(unname(correlations)))
  if (nobs(m) < 1000) {
    out$fitted <- I(unname(fitted(m)))
    modes <- ranef(m, condVar = FALSE)
    out$modes <- lapply(modes, function(r) lapply(r, function(v) I(v)))
    out$levels <- lapply(modes, function(r) I(rownames(r)))
  }
  out
}

values <- setNames(lapply(names(models), describe), names(models))
own <- function(key, relative, absolute, reason) setNames(list(list(relative = relative, absolute = absolute, reason = reason)), key)
# Sums of squares of predictions: what the optimum's own slack does to each quantity, in its units.
of <- do.call(c, unname(lapply(names(models), function(name) {
  v <- values[[name]]
  prefix <- paste0("fits.", name, ".")
  spread <- v$sigma
  c(own(paste0(prefix, "theta"), 1e-4, 3e-5, "R stops within its optimiser's tolerance; variances of zero are not reached exactly"),
    own(paste0(prefix, "sd"), 1e-4, 3e-5 * spread, "variances of zero are not reached exactly"),
    own(paste0(prefix, "cor"), 1e-4, 1e-4, "correlations near zero or of variances near zero"),
    own(paste0(prefix, "criterion"), 1e-9, 1e-6, "architecture.md"),
    own(paste0(prefix, "at_rough"), 1e-9, 0, "architecture.md"),
    own(paste0(prefix, "se"), 1e-5, 0, "architecture.md"),
    own(paste0(prefix, "sigma"), 1e-5, 0, "architecture.md"),
    own(paste0(prefix, "estimate"), 1e-6, 1e-6 * spread * 1e-2, "coefficients near zero"),
    own(paste0(prefix, "vcov"), 1e-5, 1e-5, "correlations"),
    own(paste0(prefix, "fitted"), 1e-6, 1e-5 * spread, "predictions move with the variances"),
    own(paste0(prefix, "modes"), 1e-4, 1e-4 * spread, "predictions move with the variances"))
})))
of <- Filter(Negate(is.null), of)
write_expected("mixed_fit", "lme4", "lmer(control = bobyqa, rhoend = 1e-9), REMLcrit, deviance, VarCorr, logLik, ranef",
               list(fits = values, levels = factor_levels(data)), relative = 1e-9, of = of)
