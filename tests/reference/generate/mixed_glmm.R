# Generalised linear mixed models: logistic and Poisson, Laplace and adaptive quadrature.
source("mixed_common.R")
suppressMessages(library(lme4))
data <- mixed_data()[c("cbpp", "trial")]
counts <- function() {
  set.seed(8)
  n <- 50
  d <- expand.grid(visit = 0:3, id = factor(paste0("p", seq_len(n))))
  d$arm <- factor(rep(sample(c("usual", "active"), n, TRUE), each = 4), c("usual", "active"))
  b <- rnorm(n, 0, .7)
  s <- rnorm(n, 0, .25)
  d$count <- rpois(nrow(d), exp(1 - .25 * d$visit * (d$arm == "active") + b[d$id] + s[d$id] * d$visit))
  d$event <- rbinom(nrow(d), 1, plogis(-.5 + .4 * d$visit + 1.5 * b[d$id]))
  d$count[sample(nrow(d), 12)] <- NA
  d
}
data$counts <- counts()
write_data("mixed_counts", data$counts)
# Pupils in schools, each of whom takes some of the tests; and lme4's ticks on the chicks of grouse in broods at locations.
pupils <- function() {
  set.seed(21)
  d <- expand.grid(test = factor(paste0("t", 1:7)), pupil = factor(paste0("p", 1:36)))
  d$school <- factor(letters[1 + (as.integer(d$pupil) * 5) %% 8])
  d$x <- round(runif(nrow(d), -1, 1), 3)
  d <- d[sample(nrow(d), 205), ]
  eta <- .3 + .8 * d$x + rnorm(7, 0, .8)[d$test] + rnorm(36, 0, .9)[d$pupil] + rnorm(8, 0, .7)[d$school]
  d$passed <- rbinom(nrow(d), 1, plogis(eta))
  d$errors <- rpois(nrow(d), exp(.8 - .5 * eta))
  d
}
data$pupils <- pupils()
write_data("mixed_pupils", data$pupils)
ticks <- function() {
  d <- grouseticks
  data.frame(ticks = d$TICKS, brood = d$BROOD, height = d$HEIGHT - 460, year = d$YEAR, location = d$LOCATION)
}
data$ticks <- ticks()
write_data("mixed_ticks", data$ticks)

glmm <- list(
  cbpp = list("rate ~ period + (1 | herd)", "cbpp", "binomial", 1, "size"),
  cbpp_quadrature = list("rate ~ period + (1 | herd)", "cbpp", "binomial", 9, "size"),
  event = list("event ~ arm * visit + (1 | id)", "counts", "binomial", 1, ""),
  event_quadrature = list("event ~ arm * visit + (1 | id)", "counts", "binomial", 15, ""),
  event_slope = list("event ~ arm + visit + (visit | id)", "counts", "binomial", 1, ""),
  count = list("count ~ arm * visit + (1 | id)", "counts", "poisson", 1, ""),
  count_quadrature = list("count ~ arm * visit + (1 | id)", "counts", "poisson", 7, ""),
  count_slope = list("count ~ arm * visit + (visit | id)", "counts", "poisson", 1, ""),
  count_independent = list("count ~ visit + (visit || id)", "counts", "poisson", 1, ""),
  pupils_crossed = list("passed ~ x + (1 | pupil) + (1 | test)", "pupils", "binomial", 1, ""),
  pupils_three = list("passed ~ x + (1 | school / pupil) + (1 | test)", "pupils", "binomial", 1, ""),
  pupils_slope = list("errors ~ x + (x | test) + (1 | pupil)", "pupils", "poisson", 1, ""),
  pupils_nested = list("errors ~ x + (1 | school / pupil)", "pupils", "poisson", 1, ""),
  ticks = list("ticks ~ year + I(height / 100) + (1 | brood) + (1 | location)", "ticks", "poisson", 1, ""))

# glmer's own Hessian is by differences with a step of 1e-4, right to three digits only.
standard_errors <- function(m, arguments) {
  deviance_of <- suppressMessages(do.call(update, list(m, devFunOnly = TRUE)))
  at <- c(getME(m, "theta"), fixef(m))
  h <- numDeriv::hessian(deviance_of, at)
  inverse <- solve(h / 2)
  k <- length(getME(m, "theta"))
  unname(sqrt(diag(inverse)[-seq_len(k)]))
}

describe <- function(model) {
  d <- data[[model[[2]]]]
  control <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5), tolPwrss = 1e-13,
                          check.conv.singular = "ignore")
  arguments <- list(as.formula(model[[1]]), data = d, family = model[[3]], nAGQ = model[[4]], control = control)
  if (model[[5]] != "") arguments$weights <- as.name(model[[5]])
  m <- suppressWarnings(suppressMessages(do.call(glmer, arguments)))
  # With quadrature glmer's likelihood is relative to that of a model with a parameter for every row.
  y <- m@resp$y; w <- m@resp$weights
  saturated <- if (model[[3]] == "binomial") sum(dbinom(round(w * y), w, y, log = TRUE)) else sum(dpois(y, y, log = TRUE))
  loglik <- c(logLik(m)) + if (model[[4]] > 1) saturated else 0
  out <- list(formula = I(model[[1]]), data = I(model[[2]]), family = I(model[[3]]), points = model[[4]], weights = I(model[[5]]),
       theta = I(unname(getME(m, "theta"))), estimate = I(unname(fixef(m))),
       se = I(standard_errors(m, arguments)), loglik = loglik, nobs = nobs(m))
  # At nAGQ > 1 glmer's fitted values are those of the mode all the same.
  out$fitted <- I(unname(fitted(m)))
  if (model[[4]] == 1) out <- c(out, list(aic = AIC(m), bic = BIC(m)))
  out
}
values <- lapply(glmm, describe)
own <- function(key, relative, absolute, reason) setNames(list(list(relative = relative, absolute = absolute, reason = reason)), key)
of <- do.call(c, unname(lapply(names(values), function(name) {
  prefix <- paste0("fits.", name, ".")
  c(own(paste0(prefix, "estimate"), 1e-5, 1e-6, "R stops within its optimiser's tolerance"),
    own(paste0(prefix, "theta"), 1e-4, 1e-5, "R stops within its optimiser's tolerance"),
    own(paste0(prefix, "se"), 5e-5, 0, "the Hessian is by differences on both sides"),
    own(paste0(prefix, "fitted"), 1e-4, 1e-5, "predictions move with the variances"))
})))
write_expected("mixed_glmm", "lme4", "glmer(control = bobyqa, rhoend = 1e-10; nAGQ = 1 and more), numDeriv::hessian of its deviance",
               list(fits = values, levels = factor_levels(data[c("cbpp", "counts", "pupils", "ticks")])), relative = 1e-7, of = of)
