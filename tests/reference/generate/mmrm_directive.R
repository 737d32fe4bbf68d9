# The directives mmrm and emmeans: a trial of three arms with visits missing here and there and rows in no order. Fits and
# inference from the formulas (mmrm_common.R), the weights of means and contrasts from emmeans.
source("mmrm_common.R")
suppressMessages(library(emmeans))
emm_options(msg.interaction = FALSE)
weeks <- c(2, 4, 8, 12)
visits <- paste0("w", weeks)
arms <- c("placebo", "low", "high")

rcts <- function() {
  set.seed(20230)
  n <- 84
  d <- expand.grid(visit = seq_along(weeks), id = seq_len(n))
  arm <- sample(seq_along(arms), n, TRUE, c(.4, .3, .3))
  base <- round(rnorm(n, 24, 5), 1)
  root <- t(chol(outer(c(3.5, 4, 5, 6), c(3.5, 4, 5, 6)) * .75^abs(outer(1:4, 1:4, "-"))))
  noise <- as.vector(root %*% matrix(rnorm(4 * n), 4))
  effect <- outer(c(0, 1, 2.5), c(.4, 1, 1.4, 1.6))
  d$y <- round(4 + .7 * base[d$id] - weeks[d$visit] / 4 - effect[cbind(arm[d$id], d$visit)] + noise * c(1, .8, 1.3)[arm[d$id]], 1)
  d$base <- base[d$id]
  d$region <- factor(c("north", "south", "west")[1 + (d$id * 5) %% 3], c("north", "south", "west"))
  d$weight <- sample(c(.5, 1, 2), nrow(d), TRUE)
  d$week <- weeks[d$visit]
  d$arm <- factor(arms[arm[d$id]], arms)
  last <- sample(c(1, 2, 3, 4), n, TRUE, c(.06, .08, .1, .76))
  d$y[d$visit > last[d$id]] <- NA
  d$y[sample(nrow(d), 20)] <- NA
  d$base[d$id %in% c(11, 50)] <- NA
  d$visit <- factor(visits[d$visit], visits)
  d$id <- factor(sprintf("s%02d", d$id))
  # Rows that are not there at all, and the rest in no order.
  d <- d[-sample(nrow(d), 9), ]
  d[sample(nrow(d)), c("id", "arm", "region", "visit", "week", "base", "weight", "y")]
}
data <- list(rct = rcts())
write_data("mmrm_rct", data$rct)
data$rct$late <- relevel(data$rct$visit, "w12")

model <- function(kind, formula = "y ~ base + arm * visit", visit = "visit", ...) list(formula = formula, data = "rct", visit = visit, subject = "id", kind = kind, ...)
# method: what the directive is asked for; by: the columns of the means.
cases <- list(
  us = list(model("us"), "satterthwaite", "visit"),
  us_kr = list(model("us"), "kenward-roger", "visit"),
  by_arm = list(model("ar1h", group = "arm"), "satterthwaite", "visit"),
  toeph_ml = list(model("toeph", "y ~ base + region + arm * visit", ml = TRUE), "satterthwaite", "visit"),
  # Another reference of the visits, whose order stays that of time.
  late = list(model("ar1h", "y ~ base + arm * late"), "satterthwaite", "late"),
  exp = list(model("sp_exp", "y ~ base + arm * week", "week"), "kenward-roger", "week"),
  adh_weighted = list(model("adh", weights = "weight"), "satterthwaite", "visit"),
  csh_linear = list(model("csh"), "kenward-roger-linear", "visit"),
  toep_expected = list(model("toep"), "kenward-roger-expected", "visit"),
  ad_z = list(model("ad"), "z", "visit"),
  cs_cr0 = list(model("cs"), "empirical", "visit"))

# The contrasts of lmerTest, of whose scale Satterthwaite's joint degrees of freedom are a function; those of a random
# intercept's model, since they are of the fixed effects alone.
type3_rows <- function(formula, d) {
  m <- suppressMessages(suppressWarnings(lmerTest::lmer(update(as.formula(formula), . ~ . + (1 | id)), d)))
  rows <- show_tests(anova(m, type = "III"), fractions = FALSE)
  lapply(rows, function(L) matrix(as.numeric(L), nrow(L)))
}

case <- function(c) {
  m <- c[[1]]; method <- c[[2]]; by <- c[[3]]
  p <- problem_of(m, data$rct)
  o <- optimum(p)
  stopifnot(o$gradient < 1e-4)
  i <- inferred(p, o)
  beta <- i$at$beta
  V <- switch(method, "kenward-roger" = i$adjusted(i$W, .25), "kenward-roger-linear" = i$adjusted(i$W, 0),
              "kenward-roger-expected" = i$adjusted(i$We, 0), i$at$phi)
  W <- if (method == "kenward-roger-expected") i$We else i$W
  if (method == "empirical") {
    s <- blocks(p, o$theta)
    parts <- lapply(seq_along(s), function(n) { r <- p$rows[[n]]; t(p$x[r, , drop = FALSE]) %*% solve(s[[n]], p$y[r] - p$x[r, , drop = FALSE] %*% beta) })
    V <- V %*% Reduce(`+`, lapply(parts, tcrossprod)) %*% V
  }
  df_of <- function(l) if (method %in% c("z", "empirical")) Inf else i$one_df(l, W)
  of_rows <- function(L) {
    estimate <- drop(L %*% beta); se <- sqrt(diag(L %*% V %*% t(L))); df <- apply(L, 1, df_of)
    t <- estimate / se
    out <- list(estimate = I(unname(estimate)), se = I(unname(se)), t = I(unname(t)),
                p = I(unname(2 * pt(-abs(t), df))), low = I(unname(estimate - qt(.975, df) * se)), high = I(unname(estimate + qt(.975, df) * se)))
    if (!(method %in% c("z", "empirical"))) out$df <- I(unname(df))
    out
  }
  q <- length(beta); k <- length(o$theta)
  parameters <- k + if (p$reml) 0 else q
  sigmas <- lapply(seq_len(p$groups), function(g) sigma_of(p$kind, o$theta[(g - 1) * p$k + seq_len(p$k)], p$times))
  cors <- lapply(sigmas, function(s) { r <- cov2cor(s); r[upper.tri(r)] })
  out <- list(formula = I(m$formula), visit = I(m$visit), kind = I(m$kind), group = I(if (is.null(m$group)) "" else m$group), weights = I(if (is.null(m$weights)) "" else m$weights), reml = p$reml, method = I(method), by = I(by),
              criterion = i$at$value, aic = i$at$value + 2 * parameters, bic = i$at$value + log(length(p$rows)) * parameters,
              nobs = length(p$y), ngroups = length(p$rows),
              sd = I(unlist(lapply(sigmas, function(s) sqrt(diag(s))))), cor = I(unlist(cors)), terms = of_rows(diag(q)))
  if (method != "empirical") {
    tests <- t(sapply(type3_rows(m$formula, transform(p$d, id = factor(as.character(id)))), function(L) {
      if (nrow(L) == 1) { e <- drop(L %*% beta); v <- drop(L %*% V %*% t(L)); d <- df_of(L[1, ]); f <- e^2 / v; return(c(f, 1, d, pf(f, 1, d, lower.tail = FALSE))) }
      if (method == "z") { e <- L %*% beta; f <- drop(t(e) %*% solve(L %*% V %*% t(L)) %*% e) / nrow(L); return(c(f, nrow(L), Inf, pchisq(f * nrow(L), nrow(L), lower.tail = FALSE))) }
      if (method == "satterthwaite") i$satterthwaite_md(L, W) else i$kr_md(L, W, V)
    }))
    out$type3 <- list(f = I(unname(tests[, 1])), df = I(unname(tests[, 2])), p = I(unname(tests[, 4])))
    if (method != "z") out$type3$df_residual <- I(unname(tests[, 3]))
  }
  # The weights of the means; a number at its mean over the rows of the model, but for the weeks.
  at <- if (by == "week") list(week = c(4, 12)) else list()
  grid <- qdrg(as.formula(m$formula), data = p$d, coef = beta, vcov = V, df = Inf, at = at)
  means <- emmeans(grid, "arm", by = by)
  out$means <- of_rows(means@linfct)
  out$differences <- of_rows(contrast(means, "trt.vs.ctrl", adjust = "none")@linfct)
  out
}
values <- lapply(cases, case)

own <- function(relative, absolute, reason) list(relative = relative, absolute = absolute, reason = reason)
of <- list()
for (name in names(values)) {
  prefix <- paste0("cases.", name, ".")
  for (key in c("criterion", "aic", "bic")) of[[paste0(prefix, key)]] <- own(1e-9, 0, "architecture.md")
  for (part in c("terms", "means", "differences")) {
    of[[paste0(prefix, part, ".estimate")]] <- own(1e-6, 1e-6, "architecture.md; coefficients near 0")
    of[[paste0(prefix, part, ".se")]] <- own(1e-5, 0, "architecture.md")
    for (key in c("low", "high", "t", "p")) of[[paste0(prefix, part, ".", key)]] <- own(1e-4, 1e-5, "values near 0")
  }
  of[[paste0(prefix, "cor")]] <- own(1e-4, 1e-6, "correlations near 0")
}
write_expected("mmrm_directive", "numDeriv", "the formulas by R, derivatives by numDeriv; linear functions of means by emmeans 1.8.4.1",
               list(cases = values, levels = list(rct = list(arm = I(arms), region = I(c("north", "south", "west")), visit = I(visits), id = I(levels(data$rct$id))))), relative = 1e-4, of = of)
