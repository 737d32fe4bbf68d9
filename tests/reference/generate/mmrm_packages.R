# What packages say of models for repeated measures: compound symmetry as a random intercept (lmerTest, pbkrtest,
# emmeans), sandwich covariances of gls (clubSandwich), marginal means of gls (emmeans).
source("mmrm_common.R")
suppressMessages({library(emmeans); library(clubSandwich)})
emm_options(msg.interaction = FALSE, lmerTest.limit = 1e5, pbkrtest.limit = 1e5)
data <- list(growth = growth(), trial = trial())

cases <- list(growth = list("distance ~ sex * visit", "growth", "visit", "subject", "sex"),
              trial = list("y ~ arm * time + age", "trial", "time", "id", "arm"))
head_of <- function(case, kind) list(formula = I(case[[1]]), data = I(case[[2]]), visit = I(case[[3]]), subject = I(case[[4]]),
                                     group = I(""), weights = I(""), kind = I(kind), reml = TRUE)

rows <- function(grid) {
  s <- as.data.frame(summary(grid, infer = c(TRUE, TRUE), adjust = "none"))
  estimate <- intersect(c("emmean", "estimate"), names(s))
  list(estimate = I(s[[estimate]]), se = I(s$SE), df = I(s$df), t = I(s$t.ratio), p = I(s$p.value), low = I(s$lower.CL),
       high = I(s$upper.CL))
}

intercepts <- lapply(cases, function(case) {
  d <- data[[case[[2]]]]
  m <- suppressWarnings(suppressMessages(lmerTest::lmer(as.formula(paste(case[[1]], "+ (1 |", case[[4]], ")")), d, control = tight())))
  one <- function(ddf, mode) {
    s <- suppressMessages(coef(summary(m, ddf = ddf)))
    a <- suppressMessages(anova(m, type = 3, ddf = ddf))
    grid <- suppressMessages(emmeans(m, specs = case[[5]], by = case[[3]], lmer.df = mode, cov.keep = "1"))
    list(se = I(unname(s[, "Std. Error"])), df = I(unname(s[, "df"])),
         type3 = list(terms = I(rownames(a)), f = I(a[["F value"]]), df = I(a[["NumDF"]]), df_residual = I(a[["DenDF"]]), p = I(a[["Pr(>F)"]])),
         means = rows(grid), pairwise = rows(contrast(grid, "pairwise")))
  }
  c(head_of(case, "cs"), list(of = I(case[[5]]), criterion = -2 * as.numeric(logLik(m)), beta = I(unname(fixef(m))),
    satterthwaite = one("Satterthwaite", "satterthwaite"), kenward_roger = one("Kenward-Roger", "kenward-roger")))
})

# The bias-reduced covariance as mmrm has it: where variances differ, clubSandwich takes another root of the same equation.
reduced <- function(model) {
  p <- problem_of(model, data[[model$data]])
  theta <- optimum(p)$theta
  at <- gls_at(p, theta); s <- blocks(p, theta)
  parts <- lapply(seq_along(s), function(n) {
    i <- p$rows[[n]]; x <- p$x[i, , drop = FALSE]
    l <- t(chol(solve(s[[n]])))
    e <- eigen(diag(length(i)) - t(l) %*% x %*% at$phi %*% t(x) %*% l, symmetric = TRUE)
    root <- e$vectors %*% diag(1 / sqrt(e$values), length(i)) %*% t(e$vectors)
    t(x) %*% l %*% root %*% t(l) %*% (p$y[i] - x %*% at$beta)
  })
  sqrt(diag(at$phi %*% Reduce(`+`, lapply(parts, tcrossprod)) %*% at$phi))
}

sandwich <- list()
for (name in names(cases)) for (kind in c("us", "cs", "ar1h")) {
  case <- cases[[name]]
  model <- list(formula = case[[1]], data = case[[2]], visit = case[[3]], subject = case[[4]], kind = kind)
  d <- problem_of(model, data[[case[[2]]]])$d
  d$v <- as.integer(droplevels(d[[case[[3]]]])); d$f <- factor(d$v); d$s <- droplevels(factor(d[[case[[4]]]], unique(as.character(d[[case[[4]]]]))))
  d <- d[order(d$s, d$v), ]
  correlation <- switch(sub("h$", "", kind), us = corSymm(form = ~v | s), cs = corCompSymm(form = ~v | s), ar1 = corAR1(form = ~v | s))
  weights <- if (kind %in% c("us", "ar1h")) varIdent(form = ~1 | f)
  # clubSandwich and emmeans look the data up by name.
  fit <- eval(bquote(gls(.(as.formula(case[[1]])), data = d, correlation = correlation, weights = weights,
                         control = glsControl(maxIter = 1000, msMaxIter = 1000, tolerance = 1e-12, msTol = 1e-14))))
  out <- head_of(case, kind)
  out$means <- { g <- emmeans(qdrg(as.formula(case[[1]]), data = d, coef = coef(fit), vcov = vcov(fit), df = Inf), specs = case[[5]], by = case[[3]], cov.keep = "1"); s <- as.data.frame(g); list(of = I(case[[5]]), estimate = I(s$emmean), se = I(s$SE)) }
  for (type in c("CR0", "CR2", "CR3")) {
    t <- as.data.frame(coef_test(fit, vcov = vcovCR(fit, cluster = d$s, type = type), test = "Satterthwaite"))
    out[[tolower(type)]] <- list(se = I(t$SE), df = I(if ("df_Satt" %in% names(t)) t$df_Satt else t$df))
  }
  if (name == "trial" && kind != "cs") out$cr2$se <- I(unname(reduced(model)))
  sandwich[[paste0(name, "_", kind)]] <- out
}

own <- function(relative, reason) list(relative = relative, absolute = 1e-12, reason = reason)
of <- list(sandwich = own(1e-4, "gls stops short of the optimum"))
for (name in names(intercepts)) {
  prefix <- paste0("intercepts.", name, ".")
  of[[paste0(prefix, "criterion")]] <- own(1e-9, "architecture.md")
  of[[paste0(prefix, "beta")]] <- own(1e-6, "architecture.md")
}
write_expected("mmrm_packages", "lmerTest", "lmerTest 3.1-3, pbkrtest 0.5.2, emmeans 1.8.4.1, nlme 3.1-162 and clubSandwich 0.5.8",
               list(intercepts = intercepts, sandwich = sandwich, levels = factor_levels(data)), relative = 1e-4, of = of)
