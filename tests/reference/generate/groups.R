# Comparisons of several groups.
source("expected.R")
library(car)
btheb <- read.csv("../data/btheb.csv")
formula_sample <- function(n, a, b) ((seq_len(n) * a) %% b) / 8
set.seed(20261124)
cases <- list(
  three = list(c(2.9, 3.0, 2.5, 2.6, 3.2), c(3.8, 2.7, 4.0, 2.4), c(2.8, 3.4, 3.7, 2.2, 2.0)),
  two = list(c(1, 5, 2, 8), c(3, 3, 9, 11, 4)),
  ties = list(c(1, 1, 2, 2, 2), c(2, 2, 3, 3), c(1, 2, 3, 4, 4, 4), c(4, 5, 5)),
  single = list(4.5, c(1, 2.5, 3), c(8, 9.25)),
  apart = list(1e-3 * rnorm(20), 5 + 1e-3 * rnorm(30), -5 + 1e-3 * rnorm(25)),
  offset = lapply(c(0, 0.3, 0.1), function(d) 1e7 + d + round(rnorm(15), 4)))
cases$apart <- lapply(cases$apart, round, 8)
all <- c(cases, list(
  bdi = split(btheb$bdi_pre, paste(btheb$drug, btheb$length)),
  large = list(formula_sample(2000, 7919, 10007), formula_sample(1500, 104729, 10009), formula_sample(900, 15485863, 10037))))
values <- list(data = cases)
for (name in names(cases)) names(values$data[[name]]) <- paste0("g", seq_along(cases[[name]]))
values$data$single$g1 <- I(values$data$single$g1)
test <- function(statistic, df, p) list(statistic = unname(statistic), df = unname(df), p = p)
levene <- function(d, centre) { l <- leveneTest(v ~ g, d, center = centre); test(l[1, 2], l[, 1], l[1, 3]) }
for (name in names(all)) {
  d <- data.frame(v = unlist(all[[name]], use.names = FALSE),
                  g = factor(rep(seq_along(all[[name]]), lengths(all[[name]]))))
  a <- anova(lm(v ~ g, d))
  k <- kruskal.test(v ~ g, d)
  case <- list(anova = c(test(a[1, 4], a[, 1], a[1, 5]), list(squares = a[, 2])),
               kruskal = test(k$statistic, k$parameter, k$p.value),
               levene = levene(d, mean), brown_forsythe = levene(d, median))
  if (name != "single") {
    w <- oneway.test(v ~ g, d)
    case$welch <- test(w$statistic, w$parameter, w$p.value)
  }
  values[[name]] <- case
}
write_expected("groups", "car", "anova(lm(v ~ g)), oneway.test, kruskal.test, car::leveneTest(center = mean, median)", values,
               relative = 1e-10, of = list(
  offset = list(relative = 1e-7, reason = "values near 1e7, whose rounding is 1e-9 of their spread"),
  apart.anova = list(relative = 1e-9, reason = "lm's rounding where the groups lie 5000 standard deviations apart")))
