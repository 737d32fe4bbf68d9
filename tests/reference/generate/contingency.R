# Tests of association in tables of counts.
source("expected.R")
library(MASS)
m <- function(nrow, ...) matrix(c(...), nrow = nrow, byrow = TRUE)
tables <- list(
  tea = m(2, 3, 1, 1, 3), convictions = m(2, 2, 15, 10, 3), zero = m(2, 0, 5, 6, 4), both_zero = m(2, 7, 0, 0, 9),
  small_difference = m(2, 10, 11, 10, 10), large = m(2, 30122, 19878, 29511, 20489), unbalanced = m(2, 1, 99999, 12, 99988),
  jobs = m(4, 1, 2, 1, 0, 3, 3, 6, 1, 10, 10, 14, 9, 6, 7, 12, 11), wide = m(2, 3, 0, 7, 2, 4, 1, 5, 2, 6, 1),
  tall = m(5, 3, 9, 7, 1, 0, 6, 4, 4, 2, 8), three = m(3, 12, 5, 1, 7, 9, 3, 0, 4, 8),
  sparse = m(3, 0, 0, 4, 1, 0, 0, 2, 0, 3, 1, 0, 0), bigger = m(3, 45, 31, 22, 38, 40, 29, 17, 35, 41))
root <- function(f, lower, upper) uniroot(f, c(lower, upper), tol = 1e-15, maxiter = 10000)$root
# The equations of fisher.test, solved on the log scale to full precision instead of to 1e-4.
conditional <- function(x, level) {
  a <- x[1, 1]; rows <- sum(x[1, ]); columns <- colSums(x)
  support <- max(0, rows - columns[2]):min(rows, columns[1])
  log_mass <- dhyper(support, columns[1], columns[2], rows, log = TRUE)
  mass <- function(l) { d <- log_mass + l * support; d <- exp(d - max(d)); d / sum(d) }
  side <- (1 - level) / 2
  at <- function(f) exp(root(f, -40, 40))
  c(if (a == min(support)) 0 else if (a == max(support)) Inf else at(function(l) sum(support * mass(l)) - a),
    if (a == min(support)) 0 else at(function(l) log(sum(mass(l)[support >= a])) - log(side)),
    if (a == max(support)) Inf else at(function(l) log(sum(mass(l)[support <= a])) - log(side)))
}
values <- list()
for (name in names(tables)) {
  x <- tables[[name]]
  plain <- suppressWarnings(chisq.test(x, correct = FALSE))
  case <- list(rows = I(nrow(x)), counts = as.vector(t(x)), expected = as.vector(t(plain$expected)),
               chi = unname(c(plain$statistic, plain$parameter, plain$p.value)))
  f <- if (max(x) < 1000) fisher.test(x, workspace = 2e7) else fisher.test(x)
  case$fisher <- f$p.value
  if (all(dim(x) == 2)) {
    yates <- suppressWarnings(chisq.test(x, correct = TRUE))
    case$yates <- unname(c(yates$statistic, yates$p.value))
    case$odds <- conditional(x, 0.95)
    r <- c(f$estimate, f$conf.int)
    stopifnot(all(is.infinite(r) == is.infinite(case$odds)), all(abs(r / case$odds - 1)[is.finite(r) & r > 0] < 1e-2))
  }
  values[[name]] <- case
}
squares <- list(pairs = m(2, 794, 86, 150, 570), few = m(2, 5, 1, 6, 3), equal = m(2, 4, 7, 7, 2), grades = m(3, 20, 10, 5, 3, 30, 15, 0, 5, 40))
for (name in names(squares)) {
  x <- squares[[name]]
  of <- function(correct) { t <- mcnemar.test(x, correct = correct); unname(c(t$statistic, t$parameter, t$p.value)) }
  case <- list(rows = I(nrow(x)), counts = as.vector(t(x)), plain = of(FALSE), continuity = of(TRUE))
  if (nrow(x) == 2) case$exact <- binom.test(x[1, 2], x[1, 2] + x[2, 1])$p.value
  values[[paste0("mcnemar_", name)]] <- case
}
write_expected("contingency", "stats", "chisq.test, fisher.test (odds ratios: its equations, solved to 1e-15), mcnemar.test, binom.test", values,
               relative = 1e-11, of = list(
  unbalanced.chi = list(relative = 1e-9, reason = "chisq.test's own rounding at 1e5"), large.chi = list(relative = 1e-9, reason = "chisq.test's own rounding at 1e5")))
