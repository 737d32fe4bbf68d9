# Model matrices: which factors are coded by contrasts, and the order of columns.
source("lm_common.R")
formulas <- c(
  "~ a + b", "~ a * b", "~ 0 + a", "~ 0 + a + b", "~ 0 + b:a", "~ a:b", "~ a + a:b", "~ b + a:b", "~ a / b", "~ a:age",
  "~ age + a:age", "~ 0 + age + a:age", "~ 0 + age + b", "~ 0 + age:a + b", "~ a * b * c", "~ a:b + c", "~ a:b + a:c",
  "~ a * b + c:age", "~ b * age + scale(age)", "~ (a + b + c)^2 - a", "~ 0 + a:b:c", "~ a + b:c", "~ I(age^2):b - 1",
  "~ log(age) * a + dose", "~ a * b - a", "~ a + b %in% a + age:c")
set.seed(5)
d <- threeway()
# All cells of a, b and c that there are, once, and a few rows more.
rows <- which(complete.cases(d))
rows <- sort(c(rows[!duplicated(d[rows, c("a", "b", "c")])], rows[1:4]))
d <- droplevels(d[unique(rows), c("a", "b", "c", "age", "dose")])
write_data("lm_design", d)
matrices <- function(text, coding) {
  m <- model.matrix(as.formula(text), d, contrasts.arg = NULL)
  list(columns = ncol(m), names = I(colnames(m)), assign = I(unname(attr(m, "assign"))), values = I(unname(c(m))))
}
values <- lapply(formulas, function(text) {
  out <- list(formula = I(text), treatment = matrices(text))
  old <- options(contrasts = c("contr.sum", "contr.poly"))
  out$sum <- matrices(text)
  options(old)
  out
})
names(values) <- paste0("m", seq_along(values))
write_expected("lm_design", "stats", "model.matrix with contr.treatment and contr.sum",
               list(matrices = values, levels = factor_levels(list(design = d))), relative = 1e-14)
