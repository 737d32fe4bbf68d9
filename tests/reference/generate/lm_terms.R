# The terms of formulas, as terms.formula expands them.
source("expected.R")
formulas <- c(
  "y ~ a", "y ~ 1", "y ~ 0", "~ a", "y ~ a + b", "y ~ a * b", "y ~ a:b", "y ~ a:b + a", "y ~ b:a + a",
  "y ~ a + b * c", "y ~ a * b * c", "y ~ (a + b)^2", "y ~ (a + b + c)^2 - a:b", "y ~ (a + b + c)^3", "y ~ a^2",
  "y ~ (a + b)**2", "y ~ (a * b)^2 - a:b", "y ~ a * b * c - a:b:c", "y ~ a * b - a", "y ~ a + b - b",
  "y ~ 0 + a", "y ~ a - 1", "y ~ -1 + a", "y ~ a + 0 + 1", "y ~ a - 0", "y ~ a - (b + 1)", "y ~ a - (1 - c)",
  "y ~ (a - 1) + b", "y ~ (a + 0) * b", "y ~ a - (b - c)", "y ~ -a", "y ~ a - -1", "y ~ +a + b",
  "y ~ a / b", "y ~ a / b / c", "y ~ a / (b + c)", "y ~ (a + b) / c", "y ~ a / b * c", "y ~ a * b / c",
  "y ~ a %in% b", "y ~ a + b %in% a", "y ~ (a * b) %in% c", "y ~ a %in% b %in% c", "y ~ a:b %in% c", "y ~ a * b - b %in% a",
  "y ~ a + a + a", "y ~ a:a", "y ~ a:b + b:a", "y ~ a:b:c + a", "y ~ a + b:c + a:b", "y ~ a + (b + (c + d))",
  "y ~ (a + b + c + d)^2 - (a + b)^2", "y ~ ((a))", "y ~ a:(b + c)", "y ~ (a + b):(c + d)",
  "log(y) ~ a", "sqrt(y + 1) ~ log(a) * b", "y - x ~ a", "y ~ I(a^2) + a", "y ~ I( a ^ 2 ) + I(a^2)", "y ~ log(a+1):b",
  "y ~ I(a * b/c - 1)", "y ~ I(-a) + I(a^-1)", "y ~ I(-(a)) + I((-a)^2) + I(+a)", "y ~ exp(a)/b",
  "y ~ scale(a) * b + scale(I(a - b))", "y ~ `my var` * a", "y ~ `a` + a", "y ~ log(`my var`)", "y ~ a.b + .c + d_1",
  "bdi.2m ~ bdi.pre + drug + length + treatment", "y ~ arm * (t1 + t2) + age", "y ~ I(0.001 * a) + I(2.5e-3 * a)")
values <- lapply(formulas, function(text) {
  terms <- terms(as.formula(text))
  list(formula = I(text), intercept = attr(terms, "intercept"), labels = I(as.character(attr(terms, "term.labels"))),
       variables = I(vapply(as.list(attr(terms, "variables"))[-1], function(v) paste(deparse(v, backtick = TRUE), collapse = ""), "")))
})
names(values) <- paste0("f", seq_along(values))
write_expected("lm_terms", "stats", "terms.formula", list(formulas = values), relative = 0)
