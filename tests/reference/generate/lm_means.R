# Estimated marginal means, their differences, and effects within subgroups.
source("lm_common.R")
suppressMessages(library(emmeans))
emm_options(msg.interaction = FALSE)
data <- models_data()[c("btheb", "cars", "warpbreaks", "plants", "threeway")]

rows <- function(grid, infer = c(TRUE, TRUE)) {
  s <- as.data.frame(summary(grid, infer = infer, adjust = "none"))
  estimate <- intersect(c("emmean", "estimate"), names(s))
  plain <- function(v) ifelse(is.na(v), NaN, v)
  list(estimate = I(plain(s[[estimate]])), se = I(plain(s$SE)), df = I(plain(s$df)), t = I(plain(s$t.ratio)),
       p = I(plain(s$p.value)), low = I(plain(s$lower.CL)), high = I(plain(s$upper.CL)))
}

# Formula, data, of, by, at; covariates with two values stay numbers (cov.keep).
cases <- list(
  ancova = list("bdi_2m ~ bdi_pre + drug + length + treatment", "btheb", "treatment", NULL, NULL),
  subgroup = list("bdi_2m ~ treatment * drug + length + bdi_pre", "btheb", "treatment", "drug", NULL),
  subgroup_length = list("bdi_2m ~ bdi_pre + drug + treatment * length", "btheb", "treatment", "length", NULL),
  plants = list("weight ~ group", "plants", "group", NULL, NULL),
  warpbreaks = list("breaks ~ wool * tension", "warpbreaks", "tension", "wool", NULL),
  warpbreaks_both = list("breaks ~ wool * tension", "warpbreaks", c("wool", "tension"), NULL, NULL),
  warpbreaks_average = list("breaks ~ wool * tension", "warpbreaks", "tension", NULL, NULL),
  at = list("mpg ~ wt * cyl + gear + hp", "cars", "cyl", NULL, list(wt = 2.5, gear = c("3", "5"))),
  at_numbers = list("mpg ~ wt * cyl + hp", "cars", "cyl", "wt", list(wt = c(2, 3, 4))),
  transformed = list("log(mpg) ~ log(wt) + scale(hp) * cyl + I(qsec^2)", "cars", "cyl", NULL, NULL),
  no_intercept = list("mpg ~ 0 + cyl + wt", "cars", "cyl", NULL, NULL),
  two_valued = list("mpg ~ am + cyl", "cars", "cyl", NULL, NULL),
  weighted = list("y ~ a * b + age", "threeway", "a", "b", NULL, "w"),
  empty_cell = list("y ~ a * b * c + age", "threeway", "a", c("b", "c"), NULL),
  empty_cell_average = list("y ~ a * b * c + age", "threeway", "b", NULL, NULL))

values <- lapply(cases, function(case) {
  weights <- if (length(case) > 5) case[[6]] else ""
  formula <- as.formula(case[[1]])
  d <- data[[case[[2]]]]
  # emmeans would take levels that no row of the fit has.
  d <- droplevels(d[complete.cases(d[intersect(c(all.vars(formula), weights), names(d))]), ])
  m <- if (weights == "") eval(bquote(lm(.(formula), d))) else eval(bquote(lm(.(formula), d, weights = .(as.name(weights)))))
  arguments <- list(m, specs = case[[3]], data = d, cov.keep = "1")
  if (!is.null(case[[4]])) arguments$by <- case[[4]]
  if (!is.null(case[[5]])) arguments$at <- case[[5]]
  grid <- do.call(emmeans, arguments)
  contrasts <- function(method) rows(contrast(grid, method))
  c(list(formula = I(case[[1]]), data = I(case[[2]]), of = I(case[[3]]), by = I(as.character(case[[4]])),
         weights = I(weights), means = rows(grid), pairwise = contrasts("pairwise"), reverse = contrasts("revpairwise"),
         against = contrasts("trt.vs.ctrl1")),
    if (!is.null(case[[5]])) list(at = lapply(case[[5]], I)))
})

# P for interaction: all terms with both factors, against the model without them.
interaction <- function(full, reduced, name) {
  d <- data[[name]]
  full <- lm(as.formula(full), d)
  reduced <- lm(as.formula(reduced), model.frame(full))
  table <- anova(reduced, full)
  list(formula = I(deparse1(formula(full))), data = I(name),
       f = I(c(table$F[2], table$Df[2], table$Res.Df[2], table[["Pr(>F)"]][2])))
}
interactions <- list(
  drug = interaction("bdi_2m ~ treatment * drug + length + bdi_pre", "bdi_2m ~ treatment + drug + length + bdi_pre", "btheb"),
  length = interaction("bdi_2m ~ bdi_pre + drug + treatment * length", "bdi_2m ~ bdi_pre + drug + treatment + length", "btheb"),
  warpbreaks = interaction("breaks ~ wool * tension", "breaks ~ wool + tension", "warpbreaks"),
  empty_cell = interaction("y ~ a * b * c + age", "y ~ a * c + b * c + age", "threeway"))

# Combinations and joint tests by hand.
d <- data$btheb
m <- lm(bdi_2m ~ treatment * drug + length + bdi_pre, d)
joint <- function(l) {
  value <- l %*% coef(m)
  f <- drop(t(value) %*% solve(l %*% vcov(m) %*% t(l), value)) / nrow(l)
  c(f, nrow(l), m$df.residual, pf(f, nrow(l), m$df.residual, lower.tail = FALSE))
}
l <- rbind(c(0, 1, 0, 0, 0, .5), c(0, 0, 1, -1, 0, 0), c(0, 0, 0, 0, 10, 1))
colnames(l) <- names(coef(m))
ratio <- drop(l[1, ] %*% coef(m)) / sqrt(drop(l[1, ] %*% vcov(m) %*% l[1, ]))
other <- list(joint = I(joint(l)), ratio = I(c(ratio, 2 * pt(-abs(ratio), m$df.residual))))

write_expected("lm_means", "emmeans", "emmeans(lm, cov.keep = 1), contrast(method, adjust = 'none'), anova",
               list(cases = values, interactions = interactions, other = other, levels = factor_levels(data)),
               relative = 1e-10)
