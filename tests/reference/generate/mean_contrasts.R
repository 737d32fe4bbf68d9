# Marginal means with other weights than equal ones, and adjusted families of their contrasts.
source("lm_common.R")
suppressMessages(library(emmeans))
emm_options(msg.interaction = FALSE)
data <- models_data()[c("warpbreaks", "threeway", "cars")]
# Unequal cells.
data$warpbreaks <- data$warpbreaks[-c(1, 2, 3, 10, 20, 21, 30, 44, 45, 46, 47), ]
rows <- function(grid, adjust) {
  s <- as.data.frame(summary(grid, infer = TRUE, adjust = adjust))
  estimate <- intersect(c("emmean", "estimate"), names(s))
  list(estimate = I(s[[estimate]]), se = I(s$SE), p = I(s$p.value), low = I(s$lower.CL), high = I(s$upper.CL))
}
cases <- list(
  warpbreaks = list("breaks ~ wool * tension", "warpbreaks", "tension", NULL, ""),
  warpbreaks_by = list("breaks ~ wool * tension", "warpbreaks", "tension", "wool", ""),
  threeway = list("y ~ a + b + c + age", "threeway", "b", "a", ""),
  threeway_weighted = list("y ~ a + b + c + age", "threeway", "b", NULL, "w"),
  cars = list("mpg ~ gear + cyl + wt", "cars", "gear", NULL, ""))
values <- lapply(cases, function(case) {
  formula <- as.formula(case[[1]])
  d <- data[[case[[2]]]]
  d <- droplevels(d[complete.cases(d[intersect(c(all.vars(formula), case[[5]]), names(d))]), ])
  m <- if (case[[5]] == "") eval(bquote(lm(.(formula), d))) else eval(bquote(lm(.(formula), d, weights = .(as.name(case[[5]])))))
  means <- function(weights) {
    arguments <- list(m, specs = case[[3]], data = d, cov.keep = "1", weights = weights)
    if (!is.null(case[[4]])) arguments$by <- case[[4]]
    do.call(emmeans, arguments)
  }
  equal <- means("equal")
  families <- list(pairwise = c("tukey", "holm", "scheffe", "sidak"), trt.vs.ctrl1 = c("none", "bonferroni"), consec = "sidak", poly = "none")
  contrasts <- lapply(setNames(names(families), names(families)), function(kind) {
    found <- contrast(equal, kind)
    sapply(families[[kind]], function(adjust) rows(found, adjust), simplify = FALSE)
  })
  dunnett <- as.data.frame(summary(contrast(equal, "trt.vs.ctrl1"), adjust = "mvt"))
  c(list(formula = I(case[[1]]), data = I(case[[2]]), of = I(case[[3]]), by = I(as.character(case[[4]])), weights = I(case[[5]]),
         proportional = rows(means("proportional"), "none"), cells = rows(means("cells"), "none"), dunnett = list(p = I(dunnett$p.value))), contrasts)
})
of <- list()
for (case in names(cases)) {
  of[[paste0(case, ".pairwise.tukey.p")]] <- list(absolute = 1e-9, reason = "R's ptukey")
  for (part in c("low", "high")) of[[paste0(case, ".pairwise.tukey.", part)]] <- list(absolute = 5e-3, reason = "R's qtukey searches to 1e-4")
  of[[paste0(case, ".dunnett.p")]] <- list(absolute = 1e-3, reason = "mvtnorm's default error")
  for (kind in c("pairwise", "consec")) of[[paste0(case, ".", kind, ".sidak.p")]] <- list(relative = 1e-10, absolute = 1e-14, reason = "1 - (1 - p)^n loses the digits of a small p in R")
}
# The rows of warpbreaks as they are here.
write_data("lm_warpcells", data$warpbreaks)
values <- lapply(values, function(v) { if (v$data == "warpbreaks") v$data <- I("warpcells"); v })
names(data)[1] <- "warpcells"
write_expected("mean_contrasts", "emmeans", "emmeans(lm, weights = ), contrast(), summary(adjust = )", c(values, list(levels = factor_levels(data))), relative = 1e-10, of = of)
