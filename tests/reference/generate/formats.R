# Files of SPSS, Stata and SAS that haven writes, and what haven reads from them.
# Files go to data/formats/, what they hold to expected/formats/<file>.json, numbers as text with 17 digits.
suppressPackageStartupMessages({ library(haven); library(jsonlite) })

data_dir <- "../data/formats"
expected_dir <- "../expected/formats"
dir.create(data_dir, showWarnings = FALSE, recursive = TRUE)
dir.create(expected_dir, showWarnings = FALSE, recursive = TRUE)

# --- what a column is, as JSON -------------------------------------------------------------------------------------
digits <- function(x) ifelse(is.na(x), NA, sprintf("%.17g", as.numeric(x)))
bare <- function(x) { attributes(x) <- NULL; x }

described <- function(x) {
  kind <- if (inherits(x, "Date")) "date" else if (inherits(x, "POSIXct")) "datetime" else
    if (inherits(x, "hms") || inherits(x, "difftime")) "time" else if (is.character(x)) "text" else "number"
  tags <- if (is.double(x)) na_tag(x) else rep(NA_character_, length(x))
  values <- bare(if (kind == "time") as.numeric(x, units = "secs") else x)
  values <- if (kind == "text") ifelse(values == "", NA, values) else digits(values)
  labels <- attr(x, "labels")
  label_tags <- if (is.double(labels)) na_tag(labels) else rep(NA_character_, length(labels))
  label_values <- if (is.character(labels)) bare(labels) else
    ifelse(is.na(label_tags), digits(bare(labels)), label_tags)
  list(
    kind = unbox(kind), label = unbox(attr(x, "label", exact = TRUE) %||% NA), values = values,
    tags = Filter(Negate(is.null), lapply(which(!is.na(tags)), function(i) list(unbox(i - 1), unbox(tags[i])))),
    labels = lapply(seq_along(labels), function(i)
      list(value = unbox(label_values[i]), tag = unbox(!is.na(label_tags[i])), label = unbox(names(labels)[i]))),
    na_values = { v <- attr(x, "na_values"); if (is.null(v)) character() else if (is.character(v)) v else digits(v) },
    na_range = { r <- attr(x, "na_range"); if (is.null(r)) character() else digits(r) }
  )
}
`%||%` <- function(a, b) if (is.null(a)) b else a

keep <- function(name, table) {
  columns <- lapply(names(table), function(n) c(list(name = unbox(n)), described(table[[n]])))
  json <- list(package = unbox("haven"), version = unbox(as.character(packageVersion("haven"))),
               rows = unbox(nrow(table)), columns = columns)
  writeLines(toJSON(json, na = "null", null = "null"), file.path(expected_dir, paste0(name, ".json")))
}
path <- function(name) file.path(data_dir, name)

# --- what every program can hold -----------------------------------------------------------------------------------
n <- 12
common <- data.frame(id = as.numeric(1:n))
attr(common$id, "label") <- "Participant"
common$real <- c(pi, -1 / 3, 1e-12, 1.5e15, 0, -0.1, 0.1, 2.5, 100, NA, 1e100, 123456.789)
attr(common$real, "label") <- "Größe in m², α ≤ β"
common$whole <- c(-100, -1, 0, 1, 2, 3, 99, 100, 150, 151, 1000, NA)
common$none <- rep(NA_real_, n)
common$short <- c("a", "", "żółw", "日本", "ñandú", "x y", " lead", "\"quoted\"", "O'Neil", "ÄÖÜ", "last", NA)
common$three <- c(strrep("abc", 100), "", strrep("é", 150), NA, "short", rep("z", 7))
common$day <- as.Date(c("1970-01-01", "1899-12-31", "1582-10-15", "2150-06-30", "2024-02-29", NA, "1960-01-01",
                        "1959-12-31", "2000-01-01", "1900-03-01", "9999-12-31", "2023-11-23"))
common$moment <- as.POSIXct(c("1970-01-01 00:00:01", "1899-12-31 23:59:59", "1600-01-01 12:00:00",
                              "2150-06-30 06:30:00", "2024-02-29 00:00:00", NA, "1960-01-01 00:00:00",
                              "1959-12-31 01:02:03", "2000-01-01 00:00:00", "1900-03-01 10:00:00",
                              "2016-12-31 23:59:59", "2023-11-23 09:00:00"), tz = "UTC")
common$midnight <- as.POSIXct(c("2024-01-31", "1950-05-05", NA, "2000-01-01")[rep(1:4, 3)], tz = "UTC")

labelled_columns <- function(table) {
  table$group <- labelled(rep(c(0, 1, NA), 4), c("Warteliste" = 0, "Training (μ)" = 1), label = "Arm")
  table
}

# --- SPSS ----------------------------------------------------------------------------------------------------------
spss <- labelled_columns(common)
spss$clock <- hms::hms(seconds = c(0, 1, 3661, 86399, NA, 45296)[rep(1:6, 2)])
spss$long <- c(strrep("0123456789", 300), "ends here", NA, strrep("é", 1500), strrep("x", 255), strrep("y", 256),
               strrep("z", 252), strrep("w", 510), strrep("v", 511), "", strrep("u", 757), "last")
spss$codes <- labelled_spss(c(1, 2, 3, -99, -98, NA, 1, 1, 7, 8, 9, 2),
                            c(never = 1, often = 2, "not asked" = -99, refused = -98), na_values = c(-99, -98, 9))
spss$range <- labelled_spss(c(1, 2, 3, -99, -98, NA, 1, 1, 7, 8, 9, 2), c("don't know" = -99), na_range = c(-Inf, -90))
spss$both <- labelled_spss(c(1, 2, 3, 97, 98, 99, 1, 1, 7, 8, 9, 2), na_range = c(97, Inf), na_values = 3)
spss$letters <- labelled_spss(c("a", "b", "x", NA)[rep(1:4, 3)], c("Alpha" = "a", "Beta" = "b"), na_values = "x")
spss$words <- labelled_spss(c("yes, I do", "no, I don't", "refused to say", NA)[rep(1:4, 3)],
                            c("Agrees" = "yes, I do", "Äußert sich nicht" = "refused to say"),
                            na_values = "refused to say", label = "Long words")
spss$a_variable_whose_name_is_rather_long <- as.numeric(n:1)
spss$größe <- as.numeric(1:n) / 4

for (kind in c("byte", "none", "zsav")) {
  name <- paste0("spss-", kind, if (kind == "zsav") ".zsav" else ".sav")
  write_sav(spss, path(name), compress = kind)
  keep(name, read_sav(path(name), user_na = TRUE))
}

# --- Stata ---------------------------------------------------------------------------------------------------------
stata <- labelled_columns(common)
stata$tagged <- labelled(c(1, tagged_na("a", "b", "z"), NA, 2, 3, 4, 5, tagged_na("a"), 6, 7),
                         c(low = 1, "not done" = tagged_na("a"), refused = tagged_na("b")))
stata$counts <- c(1:11, NA)
stata$day[3] <- NA
stata$moment[3] <- NA
period <- function(x, format) { attr(x, "format.stata") <- format; x }
stata$week <- period(c(0, 1, 51, 52, -1, 3333, NA)[rep_len(1:7, n)], "%tw")
stata$month <- period(c(0, 1, 11, 12, -1, 777, NA)[rep_len(1:7, n)], "%tm")
stata$quarter <- period(c(0, 1, 3, 4, -1, 255, NA)[rep_len(1:7, n)], "%tq")
stata$half <- period(c(0, 1, 2, 3, -1, 128, NA)[rep_len(1:7, n)], "%th")
stata$year <- period(c(1960, 2024, NA)[rep_len(1:3, n)], "%ty")
for (version in c(8, 10, 11, 12, 13, 14, 15)) {
  table <- stata
  # Names and texts outside of ASCII are for 14 and later; 244 bytes are the longest text before 13.
  if (version < 14) {
    plain <- function(x) { at <- attributes(x); y <- iconv(x, "UTF-8", "ASCII", sub = "?"); attributes(y) <- at; y }
    table[] <- lapply(table, function(x) {
      if (is.character(x)) x <- plain(x)
      if (!is.null(attr(x, "label", exact = TRUE))) attr(x, "label") <- plain(attr(x, "label", exact = TRUE))
      if (!is.null(names(attr(x, "labels")))) names(attr(x, "labels")) <- plain(names(attr(x, "labels")))
      x
    })
  }
  if (version < 13) table$three <- substr(table$three, 1, 240) else {
    table$essay <- ifelse(is.na(spss$long), "", spss$long)
    if (version < 14) table$essay <- plain(table$essay)
  }
  name <- sprintf("stata-%d.dta", version)
  write_dta(table, path(name), version = version, strl_threshold = 2045)
  keep(name, read_dta(path(name)))
}

# --- SAS -----------------------------------------------------------------------------------------------------------
sas <- common
# Larger numbers are beyond the floating point of transport files.
sas$real[11] <- 1e60
sas$three <- substr(sas$three, 1, 100)
sas$clock <- spss$clock
sas$tagged <- c(1, tagged_na("A", "B", "Z"), NA, 2, 3, 4, 5, tagged_na("A"), 6, 7)
for (version in c(5, 8)) {
  table <- sas
  if (version == 8) {
    table$a_longer_name_of_a_column <- as.numeric(n:1)
    attr(table$a_longer_name_of_a_column, "label") <- strrep("A label longer than forty characters. ", 4)
    table$three <- common$three
  }
  name <- sprintf("sas-v%d.xpt", version)
  write_xpt(table, path(name), version = version, name = "TRIAL")
  keep(name, read_xpt(path(name)))
}
suppressWarnings(write_sas(sas, path("sas.sas7bdat")))
keep("sas.sas7bdat", read_sas(path("sas.sas7bdat")))

# --- many rows, whose values follow from their number ----------------------------------------------------------------
i <- 0:4999
many <- data.frame(i = as.numeric(i), x = ((i * 7919) %% 1009) / 8, t = paste0("t", (i * 31) %% 97))
many$x[i %% 11 == 0] <- NA
write_sav(many, path("many.sav")); write_sav(many, path("many.zsav"), compress = "zsav")
write_dta(many, path("many.dta")); write_xpt(many, path("many.xpt"))
suppressWarnings(write_sas(many, path("many.sas7bdat")))
