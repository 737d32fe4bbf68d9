# The studentised range where R's ptukey is right: it sums by Gauss-Legendre rules of 12 and 16 points that are not
# refined (Copenhaver and Holland 1988), and takes infinity for more than 25,000 degrees of freedom. Against the
# values of studentized_range_exact.py and the closed form for two means it is off by
#   up to 2e-2 below 5 df, 5e-4 at 7 df, 1e-4 at 10 df (large q or many means),
#   1e-10 for 7 means, 3e-8 for 20, 3e-6 for 200 at 20 df and more,
#   3e-4 just beyond 25,000 df;
# qtukey searches to 1e-4.
source("expected.R")
grid <- function(q, k, df) expand.grid(q = q, k = k, df = df, KEEP.OUT.ATTRS = FALSE)
both <- function(g) c(as.list(g), list(lower = ptukey(g$q, g$k, g$df), upper = ptukey(g$q, g$k, g$df, lower.tail = FALSE)))
q <- c(0.05, 0.3, 1, 1.5, 2.5, 3, 3.5, 4, 5, 6, 8, 12)
df <- c(20, 30, 50, 200, 1000, Inf)
values <- list(
  few = both(grid(q, 2:5, df)),
  many = both(grid(q, c(7, 10, 20, 50, 100, 200), df)),
  two = c(as.list(grid(c(0.01, 1, 3.5, 7, 30), 2, c(1, 1.5, 2, 3, 5.5, 10, 33, 100, 25001, 1e6, 1e9, Inf))), list()))
# Two means: the range is √2 |t|.
values$two$upper <- 2 * pt(-values$two$q / sqrt(2), values$two$df)
g <- expand.grid(p = c(0.01, 0.05, 0.3, 0.5, 0.9), k = c(2, 3, 5, 10), df = c(20, 50, 1000, Inf), KEEP.OUT.ATTRS = FALSE)
values$quantile <- c(as.list(g), list(upper = qtukey(g$p, g$k, g$df, lower.tail = FALSE)))
write_expected("studentized_range", "stats", "ptukey, qtukey, pt", values, relative = 0, absolute = 1e-10, of = list(
  many = list(absolute = 4e-6, reason = "R's rules are too coarse for many means; exact values are in studentized_range_exact"),
  two = list(relative = 2e-12, reason = "the closed form has no error but rounding"),
  quantile = list(absolute = 1e-3, reason = "R searches to 1e-4 of itself")))
