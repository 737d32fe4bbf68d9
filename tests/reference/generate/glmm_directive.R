# The directives glmm and emmeans: a trial with relapses (yes or no), sessions attended of those offered, and falls in
# months of unequal number; visits missing here and there and rows in no order.
source("mixed_common.R")
suppressMessages({library(lme4); library(emmeans); library(numDeriv)})
emm_options(msg.interaction = FALSE)
visits <- paste0("m", c(3, 6, 12, 24))
arms <- c("usual", "group", "single")

relapses <- function() {
  set.seed(77012)
  n <- 96
  d <- expand.grid(v = seq_along(visits), p = seq_len(n))
  arm <- sample(seq_along(arms), n, TRUE, c(.4, .3, .3))
  site <- 1 + (seq_len(n) * 11) %% 12
  age <- round(rnorm(n, 44, 10))
  b <- rnorm(n, 0, 1.1); s <- rnorm(12, 0, .9)
  eta <- -.6 + .02 * (age[d$p] - 44) - c(0, .7, 1)[arm[d$p]] * (d$v > 1) + .25 * d$v + b[d$p] + s[site[d$p]]
  d$relapse <- ifelse(rbinom(nrow(d), 1, plogis(eta)) == 1, "Yes", "No")
  d$offered <- sample(c(0, 2:8), nrow(d), TRUE, c(.02, rep(.14, 7)))
  d$attended <- rbinom(nrow(d), d$offered, plogis(.9 - .3 * eta))
  d$months <- round(runif(nrow(d), .5, 12), 2)
  d$falls <- rpois(nrow(d), d$months * exp(-1.4 + .35 * eta))
  d$age <- age[d$p]
  d$arm <- factor(arms[arm[d$p]], arms)
  d$visit <- factor(visits[d$v], visits)
  d$site <- factor(sprintf("c%02d", site[d$p]))
  d$id <- factor(sprintf("p%03d", d$p))
  d$relapse[sample(nrow(d), 30)] <- NA
  d$falls[sample(nrow(d), 22)] <- NA
  d$months[sample(nrow(d), 6)] <- NA
  d$age[d$p %in% c(7, 60)] <- NA
  last <- sample(1:4, n, TRUE, c(.05, .07, .1, .78))
  d <- d[d$v <= last[d$p], ]
  d[sample(nrow(d)), c("id", "site", "arm", "visit", "age", "relapse", "attended", "offered", "falls", "months")]
}
data <- list(relapse = relapses())
write_data("glmm_relapse", data$relapse)
d <- data$relapse
d$event <- as.numeric(d$relapse == "Yes")
d$share <- ifelse(d$offered > 0, d$attended / d$offered, NA)
d$log_months <- log(d$months)

# formula for the directive, outcome in R, family, points, the larger model's droppable terms.
cases <- list(
  relapse = list("relapse ~ age + arm * visit + (1 | id)", "event", "binomial", 1),
  relapse_quadrature = list("relapse ~ age + arm * visit + (1 | id)", "event", "binomial", 11),
  attended = list("attended ~ arm + visit + (1 | id)", "share", "binomial", 1, weights = "offered"),
  falls = list("falls ~ arm + visit + age + (1 | id)", "falls", "poisson", 1, offset = "log_months"),
  falls_quadrature = list("falls ~ arm * visit + (1 | id)", "falls", "poisson", 9, offset = "log_months"),
  falls_crossed = list("falls ~ arm + visit + (1 | site / id)", "falls", "poisson", 1, offset = "log_months"))

type3_rows <- function(f, d) {
  x <- model.matrix(f, d)
  factors <- intersect(all.vars(f), names(Filter(is.factor, d)))
  s <- model.matrix(f, d, contrasts.arg = setNames(rep(list("contr.sum"), length(factors)), factors))
  turn <- solve(crossprod(s), crossprod(s, x))
  assign <- attr(x, "assign")
  lapply(setNames(seq_along(attr(f, "term.labels")), attr(f, "term.labels")), function(t) turn[assign == t, , drop = FALSE])
}

fitted_to <- function(formula, c, d) {
  control <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5), tolPwrss = 1e-13,
                          check.conv.singular = "ignore")
  arguments <- list(formula, data = d, family = c[[3]], nAGQ = c[[4]], control = control)
  if (!is.null(c$weights)) arguments$weights <- as.name(c$weights)
  if (!is.null(c$offset)) arguments$offset <- as.name(c$offset)
  first <- suppressWarnings(suppressMessages(do.call(glmer, arguments)))
  # bobyqa may stop short; of several starts the best.
  again <- lapply(c(.3, 1, 2), function(theta) {
    arguments$start <- list(theta = rep(theta, length(getME(first, "theta"))), fixef = 0 * fixef(first))
    suppressWarnings(suppressMessages(do.call(glmer, arguments)))
  })
  all <- c(list(first), again)
  found <- sapply(all, logLik)
  cat(sprintf("%-70s %s\n", deparse1(formula), paste(sprintf("%.7f", found), collapse = " ")))
  all[[which.max(found)]]
}

case <- function(c) {
  formula <- update(as.formula(c[[1]]), as.formula(paste(c[[2]], "~ .")))
  used <- d[complete.cases(d[c(all.vars(formula), c$weights, c$offset)]), ]
  m <- fitted_to(formula, c, used)
  deviance_of <- suppressMessages(update(m, devFunOnly = TRUE))
  theta <- getME(m, "theta"); beta <- fixef(m); k <- length(theta)
  # Differences in coordinates in which the columns of X are orthogonal: age alone is far from 0.
  turn <- solve(qr.R(qr(getME(m, "X")))) * sqrt(nobs(m))
  h <- numDeriv::hessian(function(x) deviance_of(c(x[seq_len(k)], turn %*% x[-seq_len(k)])), c(theta, solve(turn, beta)))
  V <- turn %*% solve(h / 2)[-seq_len(k), -seq_len(k)] %*% t(turn)
  y <- m@resp$y; w <- m@resp$weights
  saturated <- if (c[[3]] == "binomial") sum(dbinom(round(w * y), w, y, log = TRUE)) else sum(dpois(y, y, log = TRUE))
  loglik <- c(logLik(m)) + if (c[[4]] > 1) saturated else 0
  parameters <- k + length(beta)
  rows <- function(estimate, se, inverse = identity, slope = function(v) 1) {
    z <- estimate / se; q <- qnorm(.975)
    list(estimate = I(unname(inverse(estimate))), se = I(unname(se * slope(inverse(estimate)))), z = I(unname(z)), p = I(unname(2 * pnorm(-abs(z)))),
         low = I(unname(inverse(estimate - q * se))), high = I(unname(inverse(estimate + q * se))))
  }
  fixed <- nobars(formula)
  out <- list(formula = I(c[[1]]), family = I(c[[3]]), points = c[[4]], trials = I(if (is.null(c$weights)) "" else c$weights), exposure = I(if (is.null(c$offset)) "" else "months"),
              loglik = loglik, aic = -2 * loglik + 2 * parameters, bic = -2 * loglik + log(nobs(m)) * parameters, nobs = nobs(m),
              sd = I(unname(unlist(lapply(VarCorr(m), function(v) attr(v, "stddev"))))), terms = rows(beta, sqrt(diag(V))))
  # exp of the terms: the standard error stays that of the logarithm.
  out$ratios <- list(estimate = I(unname(exp(beta))), low = I(exp(out$terms$low)), high = I(exp(out$terms$high)))
  tests <- sapply(type3_rows(delete.response(terms(fixed)), used), function(L) { e <- L %*% beta; x <- drop(t(e) %*% solve(L %*% V %*% t(L)) %*% e); c(x, nrow(L), pchisq(x, nrow(L), lower.tail = FALSE)) })
  out$type3 <- list(chi = I(unname(tests[1, ])), df = I(unname(tests[2, ])), p = I(unname(tests[3, ])))
  droppable <- drop.scope(fixed)
  lrt <- sapply(droppable, function(t) { s <- fitted_to(update(formula, paste(". ~ . -", t)), c, used); x <- 2 * (c(logLik(m)) - c(logLik(s))); df <- length(beta) - length(fixef(s)); c(x, df, pchisq(x, df, lower.tail = FALSE)) })
  out$lrt <- list(terms = I(droppable), chi = I(unname(lrt[1, ])), df = I(unname(lrt[2, ])), p = I(unname(lrt[3, ])))
  link <- if (c[[3]] == "binomial") "logit" else "log"
  grid <- qdrg(fixed[-2], data = used, coef = beta, vcov = V, df = Inf, link = link)
  means <- emmeans(grid, "arm", by = "visit")
  of <- function(object, ...) as.data.frame(summary(object, infer = c(TRUE, TRUE), ...))
  columns <- function(s, names) { pick <- function(n) I(unname(s[[intersect(n, names(s))[1]]])); lapply(names, pick) }
  mean_names <- list(estimate = c("emmean", "prob", "rate", "response"), se = "SE", low = c("asymp.LCL", "lower.CL"), high = c("asymp.UCL", "upper.CL"))
  pair_names <- list(estimate = c("estimate", "odds.ratio", "ratio"), se = "SE", p = "p.value", low = c("asymp.LCL", "lower.CL"), high = c("asymp.UCL", "upper.CL"))
  for (type in c("link", "response")) {
    out[[type]] <- list(means = columns(of(means, type = type), mean_names),
                        tukey = columns(of(contrast(means, "pairwise"), type = type, adjust = "tukey"), pair_names))
  }
  out
}
values <- lapply(cases, case)

own <- function(relative, absolute, reason) list(relative = relative, absolute = absolute, reason = reason)
of <- list()
for (name in names(values)) {
  prefix <- paste0("cases.", name, ".")
  for (key in c("loglik", "aic", "bic")) of[[paste0(prefix, key)]] <- own(1e-7, 0, "as mixed_glmm")
  for (key in c("terms", "ratios", "link", "response", "type3", "lrt")) of[[paste0(prefix, key)]] <- own(1e-4, 2e-5, "R stops within its optimiser's tolerance, the Hessian is by differences on both sides")
}
write_expected("glmm_directive", "lme4", "glmer(control = bobyqa, rhoend = 1e-10), numDeriv::hessian of its deviance; emmeans 1.8.4.1 (qdrg)",
               list(cases = values, levels = list(relapse = list(arm = I(arms), visit = I(visits), relapse = I(c("No", "Yes"))))), relative = 1e-4, of = of)
