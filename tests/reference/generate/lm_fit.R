# Fits, tests of terms and robust standard errors of linear models.
source("lm_common.R")
library(car)

data <- models_data()
for (name in setdiff(names(data), "btheb")) write_data(paste0("lm_", name), data[[name]])

models <- list(
  ancova = list("bdi_2m ~ bdi_pre + drug + length + treatment", "btheb"),
  btheb_subgroup = list("bdi_2m ~ treatment * drug + length + bdi_pre", "btheb"),
  btheb_8m = list("bdi_8m ~ treatment * length + bdi_pre", "btheb"),
  cars = list("mpg ~ wt + hp + cyl", "cars"),
  cars_interaction = list("mpg ~ wt * cyl + gear", "cars"),
  cars_transformed = list("log(mpg) ~ I(wt^2) + sqrt(hp) + scale(qsec) + cyl", "cars"),
  cars_no_intercept = list("mpg ~ 0 + cyl + wt", "cars"),
  cars_origin = list("mpg ~ 0 + wt + hp", "cars"),
  cars_weighted = list("mpg ~ wt + cyl", "cars", "qsec"),
  cars_within = list("mpg ~ cyl / wt", "cars"),
  intercept = list("mpg ~ 1", "cars"),
  longley = list("Employed ~ GNP_deflator + GNP + Unemployed + Armed_Forces + Population + Year", "longley"),
  warpbreaks = list("breaks ~ wool * tension", "warpbreaks"),
  plants = list("weight ~ group", "plants"),
  tooth = list("len ~ supp * dose + I(dose^2)", "tooth"),
  two_way = list("y ~ a * b + age", "threeway"),
  three_way = list("y ~ a * b + b * c + a * c + age", "threeway"),
  empty_cell = list("y ~ a * b * c + age", "threeway"),
  collinear = list("y ~ age + I(2 * age) + a + dose", "threeway"),
  weighted = list("y ~ a * b + age", "threeway", "w"),
  deleted = list("y ~ a + age + c - c", "threeway"),
  scaled = list("y ~ tiny + huge + year + unit", "scaled"),
  scaled_powers = list("y ~ year + I(year^2) + tiny:huge", "scaled"))

# Leverages of all rows, also of those with weight 0, which hatvalues leaves out.
leverages <- function(fit) {
  w <- if (is.null(weights(fit))) rep(1, length(fitted(fit))) else weights(fit)
  full <- numeric(length(w))
  full[w > 0] <- hatvalues(fit)
  full
}

# The covariances of White (1980) and MacKinnon & White (1985), by their formulas.
robust <- function(fit, kind) {
  x <- model.matrix(fit)[, !is.na(coef(fit)), drop = FALSE]
  w <- if (is.null(weights(fit))) rep(1, nrow(x)) else weights(fit)
  h <- leverages(fit)
  e <- w * residuals(fit)
  n <- sum(w > 0)
  omega <- switch(kind, HC0 = e^2, HC1 = e^2 * n / (n - ncol(x)), HC2 = e^2 / (1 - h), HC3 = e^2 / (1 - h)^2)
  decomposed <- qr(x * sqrt(w))
  bread <- backsolve(qr.R(decomposed), diag(ncol(x)))
  spread <- (x * sqrt(omega)) %*% (bread %*% t(bread))
  crossprod(spread)
}

anova_rows <- function(table) {
  table <- table[rownames(table) != "Residuals", , drop = FALSE]
  list(terms = I(rownames(table)), ss = I(ifelse(table[["Df"]] == 0, 0, table[["Sum Sq"]])), df = I(table[["Df"]]),
       f = I(table[["F value"]]), p = I(table[["Pr(>F)"]]))
}

describe <- function(model) {
  d <- data[[model[[2]]]]
  formula <- as.formula(model[[1]], baseenv())
  weights <- if (length(model) > 2) model[[3]] else ""
  fit <- function(...) {
    if (weights == "") lm(formula, d, ...)
    else eval(bquote(lm(.(formula), d, weights = .(as.name(weights)), ...)))
  }
  m <- fit()
  s <- summary(m)
  full <- function(v) { out <- coef(m); out[!is.na(out)] <- v; out }
  ci <- confint(m)
  out <- list(
    formula = I(model[[1]]), data = I(model[[2]]), weights = I(weights),
    names = I(names(coef(m))), estimate = I(coef(m)), se = I(full(s$coefficients[, 2])),
    t = I(full(s$coefficients[, 3])), p = I(full(s$coefficients[, 4])), low = I(ci[, 1]), high = I(ci[, 2]),
    sigma = s$sigma, df = m$df.residual, nobs = nobs(m), loglik = c(logLik(m)), aic = AIC(m), bic = BIC(m),
    cor = I(c(cov2cor(vcov(m, complete = FALSE)))), fitted = I(unname(fitted(m))), residuals = I(unname(residuals(m))),
    leverage = I(leverages(m)))
  if (!is.null(s$fstatistic)) {
    f <- s$fstatistic
    out <- c(out, list(r2 = s$r.squared, adj = s$adj.r.squared, f = I(c(f, pf(f[1], f[2], f[3], lower.tail = FALSE)))))
  }
  kinds <- c("HC0", "HC1", "HC2", "HC3")
  out$robust <- setNames(lapply(kinds, function(kind) I(unname(sqrt(diag(robust(m, kind)))))), kinds)
  if (length(attr(terms(m), "term.labels"))) {
    out$type2 <- anova_rows(Anova(m, type = 2))
    if (!anyNA(coef(m))) {
      old <- options(contrasts = c("contr.sum", "contr.poly"))
      out$type3 <- anova_rows(Anova(fit(), type = 3))
      options(old)
    }
  }
  out
}

values <- lapply(models, describe)
near <- function(key, absolute, reason) setNames(list(list(relative = 1e-10, absolute = absolute, reason = reason)), key)
of <- do.call(c, unname(lapply(names(models), function(m) {
  c(near(paste0("fits.", m, ".residuals"), 1e-10, "differences of rounded numbers"),
    near(paste0("fits.", m, ".cor"), 1e-10, "correlations that are zero but for rounding"))
})))
write_expected("lm_fit", "car", "lm, summary.lm, confint, logLik, hatvalues, car::Anova(type = 2, 3; contr.sum)",
               list(fits = values, levels = factor_levels(data)), relative = 1e-10, of = of)
