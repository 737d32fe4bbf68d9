# Distribution functions over grids: every combination of the parameters and points, both tails, far out.
source("expected.R")

grid <- function(...) expand.grid(..., KEEP.OUT.ATTRS = FALSE)
both <- function(frame, f, ...) {
  lower <- mapply(f, ..., MoreArgs = list(lower.tail = TRUE))
  upper <- mapply(f, ..., MoreArgs = list(lower.tail = FALSE))
  # Below this a double has lost digits, in R and here.
  keep <- lower > 1e-290 & upper > 1e-290
  c(lapply(frame, `[`, keep), list(lower = lower[keep], upper = upper[keep]))
}
inverse <- function(frame, f, ...) {
  c(frame, list(lower = mapply(f, ..., MoreArgs = list(lower.tail = TRUE)),
                upper = mapply(f, ..., MoreArgs = list(lower.tail = FALSE))))
}
tail_p <- c(1e-200, 1e-30, 1e-10, 1e-4, 0.001, 0.025, 0.05, 0.2, 0.25, 0.3, 0.45, 0.5, 0.55, 0.7, 0.8, 0.95, 0.975, 0.999)
shapes <- c(0.5, 1, 2, 3.7, 10, 41.25, 99, 350, 1e4, 1e6)
dfs <- c(0.5, 1, 2, 3, 4.2, 7, 18.77, 30, 97, 500, 1e4, 1e6, 1e8)

values <- list()
x <- c(-37, -30, -10, -5.5, -3, -1.96, -1, -0.5, -1e-3, -1e-12, 0, 1e-5, 0.3, 1, 1.7, 2.5, 4, 8, 20, 36)
values$normal <- both(list(x = x), function(x, ...) pnorm(x, ...), x)
values$normal_quantile <- inverse(list(p = c(tail_p, 1e-300)), function(p, ...) qnorm(p, ...), c(tail_p, 1e-300))

t_points <- c(-1e6, -1000, -40, -12, -5, -3, -2, -1, -0.4, -1e-3, -1e-8, 0, 1e-4, 0.7, 1.3, 2.4, 4, 9, 33, 1e4)
g <- grid(x = t_points, df = dfs)
values$t <- both(g, function(x, df, ...) pt(x, df, ...), g$x, g$df)
# Below df 1 R's qt falls back on a search that is right to 6 digits only.
g <- grid(p = tail_p, df = dfs[dfs >= 1])
values$t_quantile <- inverse(g, function(p, df, ...) qt(p, df, ...), g$p, g$df)

g <- grid(ratio = c(1e-6, 0.01, 0.3, 0.8, 1, 1.1, 1.5, 2.5, 6, 40, 300), df = dfs)
g$x <- g$ratio * g$df
values$chi_squared <- both(g[c("x", "df")], function(x, df, ...) pchisq(x, df, ...), g$x, g$df)
g <- grid(p = tail_p, df = dfs)
g <- g[g$df > 1 | g$p > 1e-100, ]
values$chi_squared_quantile <- inverse(g, function(p, df, ...) qchisq(p, df, ...), g$p, g$df)

f_dfs <- c(1, 2, 3, 5.5, 20, 97, 1000, 1e5)
g <- grid(x = c(1e-5, 0.02, 0.4, 0.9, 1, 1.2, 2, 4.7, 15, 120, 1e4), df1 = f_dfs, df2 = f_dfs)
values$f <- both(g, function(x, a, b, ...) pf(x, a, b, ...), g$x, g$df1, g$df2)
# qf() loses digits near 0, where it takes 1/x - 1 of a beta quantile near 1: from the other side it doesn't.
qf_lower <- function(p, df1, df2) {
  x <- qbeta(p, df1 / 2, df2 / 2)
  y <- qbeta(p, df2 / 2, df1 / 2, lower.tail = FALSE)
  df2 / df1 * ifelse(x < 0.5, x / (1 - x), (1 - y) / y)
}
g <- grid(p = tail_p[tail_p > 1e-100], df1 = c(1, 2, 5.5, 97), df2 = c(1, 3, 20, 1000))
values$f_quantile <- c(as.list(g), list(lower = qf_lower(g$p, g$df1, g$df2), upper = 1 / qf_lower(g$p, g$df2, g$df1)))

g <- grid(x = c(1e-10, 1e-4, 0.02, 0.1, 0.3, 0.5, 0.62, 0.85, 0.97, 0.9999), a = shapes, b = shapes)
values$beta <- both(g, function(x, a, b, ...) pbeta(x, a, b, ...), g$x, g$a, g$b)
g <- grid(p = tail_p[tail_p > 1e-20], a = c(0.5, 1, 3.7, 41, 350), b = c(0.5, 1, 3.7, 41, 350))
values$beta_quantile <- inverse(g, function(p, a, b, ...) qbeta(p, a, b, ...), g$p, g$a, g$b)

g <- grid(k = c(0, 1, 2, 5, 9, 10, 47, 99, 480, 999), n = c(1, 10, 100, 1000, 1e5), prob = c(1e-4, 0.05, 0.3, 0.5, 0.92))
g <- g[g$k <= g$n, ]
g$mass <- dbinom(g$k, g$n, g$prob)
g <- g[g$mass > 1e-290, ]
values$binomial <- c(as.list(g), list(lower = pbinom(g$k, g$n, g$prob), upper = pbinom(g$k, g$n, g$prob, lower.tail = FALSE)))
g <- grid(p = c(0, 1e-10, 0.025, 0.3, 0.5, 0.6, 0.975, 0.9999, 1), n = c(1, 7, 100, 1e4), prob = c(0, 0.05, 0.5, 0.8, 1))
values$binomial_quantile <- c(as.list(g), list(k = qbinom(g$p, g$n, g$prob)))

g <- grid(k = c(0, 1, 3, 8, 20, 55, 130), marked = c(1, 8, 60, 400), unmarked = c(1, 12, 90, 5000), drawn = c(1, 9, 75, 300))
g <- g[g$drawn <= g$marked + g$unmarked, ]
g$mass <- dhyper(g$k, g$marked, g$unmarked, g$drawn)
g <- g[g$mass > 0, ]
values$hypergeometric <- c(as.list(g), list(lower = phyper(g$k, g$marked, g$unmarked, g$drawn),
                                            upper = phyper(g$k, g$marked, g$unmarked, g$drawn, lower.tail = FALSE)))
g <- grid(p = c(0, 0.01, 0.3, 0.5, 0.8, 0.99, 1), marked = c(1, 8, 60), unmarked = c(3, 90), drawn = c(2, 4))
values$hypergeometric_quantile <- c(as.list(g), list(k = qhyper(g$p, g$marked, g$unmarked, g$drawn)))

g <- grid(share = c(0, 0.05, 0.2, 0.35, 0.5, 0.61, 0.9, 1), m = c(1, 3, 10, 25, 49), n = c(1, 4, 12, 49))
g$u <- floor(g$share * g$m * g$n)
values$rank_sum <- c(as.list(g[c("u", "m", "n")]), list(lower = pwilcox(g$u, g$m, g$n)))
g <- grid(p = c(0.001, 0.025, 0.3, 0.5, 0.8, 0.975), m = c(1, 3, 10, 49), n = c(4, 12, 49))
# Here the median is exactly 1200 by symmetry; R's running sum has drifted and says 1201.
g <- g[!(g$p == 0.5 & g$m == 49 & g$n == 49), ]
values$rank_sum_quantile <- c(as.list(g), list(u = qwilcox(g$p, g$m, g$n)))
g <- grid(share = c(0, 0.05, 0.2, 0.35, 0.5, 0.61, 0.9, 1), n = c(1, 2, 5, 12, 30, 49))
g$v <- floor(g$share * g$n * (g$n + 1) / 2)
values$signed_rank <- c(as.list(g[c("v", "n")]), list(lower = psignrank(g$v, g$n)))
g <- grid(p = c(0.001, 0.025, 0.3, 0.5, 0.8, 0.975), n = c(1, 2, 5, 12, 30, 49))
values$signed_rank_quantile <- c(as.list(g), list(v = qsignrank(g$p, g$n)))

write_expected("distribution", "stats", "pnorm, qnorm, pt, qt, pchisq, qchisq, pf, qf, pbeta, qbeta, pbinom, dbinom, qbinom, phyper, dhyper, qhyper, pwilcox, qwilcox, psignrank, qsignrank", values, relative = 1e-12)
