# The data of the lm_* cases, and what they share. Sourced by their scripts.
source("expected.R")

# An unbalanced trial: missing outcomes, covariates and factor levels, an empty cell (act, z, hi), a level (w) that
# only rows without outcome have, and weights of which some are zero.
threeway <- function() {
  set.seed(20031)
  n <- 140
  d <- data.frame(
    a = factor(sample(c("ctl", "act"), n, TRUE, c(.6, .4)), c("ctl", "act")),
    b = factor(sample(c("x", "y", "z", "w"), n, TRUE, c(.4, .3, .25, .05)), c("x", "w", "y", "z")),
    c = factor(sample(c("lo", "hi"), n, TRUE), c("lo", "hi")),
    age = round(rnorm(n, 45, 12), 1),
    dose = sample(c(0.5, 1, 2, 4), n, TRUE),
    w = sample(c(0, 0.5, 1, 2, 3.25), n, TRUE, c(.05, .2, .4, .2, .15)))
  d$y <- round(10 + 2 * (d$a == "act") + (d$b == "y") - 1.5 * (d$a == "act") * (d$b == "z") + .1 * d$age +
    rnorm(n, 0, 2), 3)
  d$y[sample(n, 9)] <- NA
  d$age[sample(n, 7)] <- NA
  d$c[sample(n, 5)] <- NA
  d$y[d$b == "w"] <- NA
  d[!(d$a == "act" & d$b == "z" & d$c %in% "hi"), ]
}

# Columns whose sizes differ by twenty orders of magnitude.
scaled <- function() {
  set.seed(77)
  n <- 40
  d <- data.frame(tiny = signif(rnorm(n) * 1e-9, 6), huge = signif(rnorm(n, 3) * 1e11, 6),
                  year = 1990 + seq_len(n), unit = round(runif(n), 4))
  d$y <- signif(3e9 * d$tiny + 2e-11 * d$huge + 0.05 * (d$year - 1990) + d$unit + rnorm(n), 8)
  d
}

models_data <- function() {
  cars <- mtcars
  cars$cyl <- factor(cars$cyl)
  cars$gear <- factor(cars$gear)
  rownames(cars) <- NULL
  btheb <- read.csv("../data/btheb.csv", stringsAsFactors = TRUE)
  btheb$treatment <- relevel(btheb$treatment, "TAU")
  long <- longley
  names(long) <- gsub(".", "_", names(long), fixed = TRUE)
  list(btheb = btheb, cars = cars, longley = long, warpbreaks = warpbreaks, plants = PlantGrowth,
       tooth = ToothGrowth, threeway = threeway(), scaled = scaled())
}

# The levels of all factors of all data, which a text file can't say.
factor_levels <- function(data) {
  levels <- lapply(data, function(d) lapply(Filter(is.factor, d), function(f) I(levels(f))))
  Filter(length, levels)
}
