# The data and models of the mixed_* cases. Sourced by their scripts.
source("expected.R")
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})

# A trial with four visits, of which some are missing, arms of different size, strata, weights and a covariate.
trial <- function() {
  set.seed(4711)
  n <- 60
  d <- expand.grid(visit = 0:3, id = seq_len(n))
  arm <- sample(c("usual", "active"), n, TRUE, c(.4, .6))
  d$arm <- factor(arm[d$id], c("usual", "active"))
  d$site <- factor(letters[1 + (d$id * 7) %% 5])
  d$age <- round(rnorm(n, 50, 11))[d$id]
  b0 <- rnorm(n, 0, 4)
  b1 <- rnorm(n, 0, 1.2) + .15 * b0
  d$y <- round(30 - 1.5 * d$visit * (d$arm == "active") + .1 * d$age + b0[d$id] + b1[d$id] * d$visit +
    rnorm(nrow(d), 0, 2.5), 2)
  d$w <- sample(c(.5, 1, 2, 3), nrow(d), TRUE)
  d$t1 <- as.numeric(d$visit >= 1)
  d$t2 <- as.numeric(d$visit >= 3)
  d$time <- factor(paste0("v", d$visit))
  d$y[sample(nrow(d), 25)] <- NA
  d$age[sample(nrow(d), 3)] <- NA
  # Dropouts: nothing after the first visit.
  d <- d[!(d$id %in% c(3, 17, 41) & d$visit > 0), ]
  d$id <- factor(paste0("p", d$id), unique(paste0("p", d$id)))
  d
}

# Few groups, no variance between them.
singular <- function() {
  set.seed(12)
  d <- expand.grid(rep = 1:5, g = factor(letters[1:8]))
  d$x <- round(rnorm(nrow(d)), 3)
  e <- rnorm(nrow(d))
  # Centred within the groups: less variance between them than chance would give.
  d$y <- round(2 + d$x + e - .95 * ave(e, d$g), 4)
  d
}

# Pupils in classes in schools, and tests crossed with all.
nested <- function() {
  set.seed(99)
  d <- expand.grid(test = factor(paste0("t", 1:4)), pupil = 1:6, class = factor(1:3), school = factor(LETTERS[1:7]))
  d <- d[sample(nrow(d), 400), ]
  d <- d[order(d$school, d$class, d$pupil), ]
  school <- rnorm(7, 0, 2)
  class <- rnorm(21, 0, 1)
  test <- rnorm(4, 0, 1.5)
  d$x <- round(runif(nrow(d)), 3)
  slope <- rnorm(7, 3, 1)
  d$y <- round(10 + school[d$school] + class[(as.integer(d$school) - 1) * 3 + as.integer(d$class)] + test[d$test] +
    slope[d$school] * d$x + rnorm(nrow(d)), 3)
  d
}

# Units that differ by many orders of magnitude, and an outcome far from zero.
scaled <- function() {
  d <- sleepstudy
  names(d) <- c("reaction", "days", "subject")
  d$tiny <- signif(d$days * 1e-2, 6)
  d$far <- 1e6 + d$reaction
  d$large <- d$reaction * 1e6
  d
}

btheb_long <- function() {
  wide <- read.csv("../data/btheb.csv", stringsAsFactors = TRUE)
  wide$subject <- factor(seq_len(nrow(wide)))
  visits <- c("bdi_2m", "bdi_3m", "bdi_5m", "bdi_8m")
  long <- reshape(wide, varying = visits, v.names = "bdi", timevar = "month", times = c(2, 3, 5, 8), direction = "long",
                  idvar = "subject")
  long <- long[order(long$subject, long$month), c("subject", "drug", "length", "treatment", "bdi_pre", "month", "bdi")]
  long$treatment <- relevel(long$treatment, "TAU")
  rownames(long) <- NULL
  long
}

mixed_data <- function() {
  sleep <- sleepstudy
  names(sleep) <- c("reaction", "days", "subject")
  insteval <- head(InstEval, 10000)
  insteval <- droplevels(insteval[c("s", "d", "service", "dept", "y")])
  cows <- cbpp
  cows$rate <- cows$incidence / cows$size
  list(sleep = sleep, penicillin = Penicillin, pastes = Pastes[c("strength", "batch", "cask")], insteval = insteval,
       cbpp = cows, btheb = btheb_long(), trial = trial(), singular = singular(), nested = nested(), scaled = scaled())
}

# The levels of all factors, which a text file can't say.
factor_levels <- function(data) lapply(data, function(d) lapply(Filter(is.factor, d), function(f) I(levels(f))))

# Tight enough that what is left of R's own slack lies below the tolerances.
tight <- function() lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5), calc.derivs = FALSE,
                                check.conv.singular = "ignore", check.scaleX = "ignore")

models <- list(
  sleep = list("reaction ~ days + (1 | subject)", "sleep"),
  sleep_slope = list("reaction ~ days + (1 + days | subject)", "sleep"),
  sleep_ml = list("reaction ~ days + (days | subject)", "sleep", ml = TRUE),
  sleep_independent = list("reaction ~ days + (days || subject)", "sleep"),
  sleep_no_intercept = list("reaction ~ 0 + days + (0 + days | subject)", "sleep"),
  sleep_quadratic = list("reaction ~ days + I(days^2) + (days | subject)", "sleep"),
  penicillin = list("diameter ~ 1 + (1 | plate) + (1 | sample)", "penicillin"),
  penicillin_ml = list("diameter ~ 1 + (1 | plate) + (1 | sample)", "penicillin", ml = TRUE),
  pastes = list("strength ~ 1 + (1 | batch / cask)", "pastes"),
  insteval = list("y ~ service + (1 | s) + (1 | d) + (1 | dept:service)", "insteval"),
  cbpp = list("rate ~ period + (1 | herd)", "cbpp"),
  cbpp_weighted = list("rate ~ period + (1 | herd)", "cbpp", weights = "size"),
  btheb = list("bdi ~ bdi_pre + month + drug + treatment + length + (1 | subject)", "btheb"),
  btheb_slope = list("bdi ~ bdi_pre + month * treatment + drug + (month | subject)", "btheb"),
  btheb_ml = list("bdi ~ bdi_pre + month * treatment + (1 | subject)", "btheb", ml = TRUE),
  trial = list("y ~ arm * time + (1 | id)", "trial"),
  trial_slope = list("y ~ arm * visit + age + (visit | id)", "trial"),
  trial_three = list("y ~ arm * (t1 + t2) + age + (1 + t1 + t2 | id)", "trial"),
  trial_three_independent = list("y ~ arm * (t1 + t2) + (1 + t1 + t2 || id)", "trial"),
  trial_site = list("y ~ arm * visit + (visit | site / id)", "trial"),
  trial_weighted = list("y ~ arm * visit + (visit | id)", "trial", weights = "w"),
  trial_split = list("y ~ arm * visit + (1 | id) + (0 + visit | id) + (1 | site)", "trial"),
  trial_factor = list("y ~ time + (0 + arm | site)", "trial"),
  trial_rank = list("y ~ arm + visit + I(2 * visit) + (1 | id)", "trial"),
  singular = list("y ~ x + (1 | g)", "singular"),
  singular_slope = list("y ~ x + (x | g)", "singular"),
  singular_ml = list("y ~ x + (x || g)", "singular", ml = TRUE),
  nested = list("y ~ x + (x | school) + (1 | school:class) + (1 | test)", "nested"),
  nested_crossed = list("y ~ x + (1 | school / class) + (1 | test) + (1 | test:school)", "nested"),
  scaled = list("reaction ~ tiny + (tiny | subject)", "scaled"),
  far = list("far ~ days + (days | subject)", "scaled"),
  large = list("large ~ days + (days | subject)", "scaled"))

fit_model <- function(model, data, control = tight(), ...) {
  d <- data[[model[[2]]]]
  arguments <- list(as.formula(model[[1]]), data = d, REML = is.null(model$ml), control = control, ...)
  if (!is.null(model$weights)) arguments$weights <- as.name(model$weights)
  suppressWarnings(suppressMessages(do.call(lmerTest::lmer, arguments)))
}

header <- function(model) list(formula = I(model[[1]]), data = I(model[[2]]), reml = is.null(model$ml),
                               weights = I(if (is.null(model$weights)) "" else model$weights))
