# Writes expected/<case>.toml. Sourced by the scripts of the cases, which are run by hand from this folder:
#   cd tests/reference/generate && Rscript t_test.R

# A list of numbers, strings, vectors and named lists (nested: tables), and the header of the case.
#   of: list(key = list(relative = , reason = )) for keys with a tolerance of their own
write_expected <- function(case, package, call, values, relative = 1e-12, absolute = 0, of = list()) {
  scalar <- function(v) {
    if (is.character(v)) return(paste0('"', gsub('(["\\\\])', "\\\\\\1", v), '"'))
    if (is.logical(v) && !is.na(v)) return(tolower(as.character(v)))
    if (is.na(v)) return("nan")
    if (is.infinite(v)) return(if (v > 0) "inf" else "-inf")
    sprintf("%.17g", v)
  }
  value <- function(v) {
    if (inherits(v, "AsIs") || length(v) != 1) paste0("[", paste(vapply(v, scalar, ""), collapse = ", "), "]")
    else scalar(v)
  }
  bare <- function(key) if (grepl("^[A-Za-z0-9_-]+$", key)) key else paste0('"', key, '"')
  lines <- character()
  emit <- function(path, table) {
    leaf <- !vapply(table, function(v) is.list(v), TRUE)
    if (length(path) && any(leaf)) lines <<- c(lines, "", paste0("[", paste(path, collapse = "."), "]"))
    for (key in names(table)[leaf]) lines <<- c(lines, paste(bare(key), "=", value(unname(table[[key]]))))
    for (key in names(table)[!leaf]) emit(c(path, bare(key)), table[[key]])
  }
  version <- if (package == "stats") as.character(getRversion()) else as.character(packageVersion(package))
  emit("source", list(package = package, version = version, r = R.version.string, call = call))
  lines <- c(lines, "", "[tolerance]", sprintf("relative = %g", relative), sprintf("absolute = %g", absolute))
  if (length(of)) {
    lines <- c(lines, "", "[tolerance.of]")
    for (key in names(of)) {
      parts <- of[[key]]
      text <- function(v) if (is.character(v)) scalar(v) else sprintf("%g", v)
      inner <- paste(names(parts), "=", vapply(parts, text, ""), collapse = ", ")
      lines <- c(lines, paste0('"', key, '" = { ', inner, " }"))
    }
  }
  # Values at the top level need a table of their own, since tables precede them.
  stopifnot(all(vapply(values, is.list, TRUE)))
  emit(character(), values)
  writeLines(lines, file.path("..", "expected", paste0(case, ".toml")))
}

write_data <- function(case, frame) {
  # 17 digits, so that both sides start from the same numbers.
  text <- lapply(frame, function(v) if (is.numeric(v)) ifelse(is.na(v), "NA", sprintf("%.17g", v)) else as.character(v))
  write.csv(as.data.frame(text), file.path("..", "data", paste0(case, ".csv")), row.names = FALSE, quote = FALSE)
}
