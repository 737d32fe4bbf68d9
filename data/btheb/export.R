# Writes 1.0.0/btheb.csv: the data frame BtheB of the R package HSAUR3 as it is, with a participant number first.
# Run in this folder: Rscript export.R (made with R 4.2.2 and HSAUR3 1.0-13).
data("BtheB", package = "HSAUR3")
wide <- cbind(participant = seq_len(nrow(BtheB)), BtheB)
connection <- file("1.0.0/btheb.csv", open = "wb") # "\n" on every platform
write.table(wide, connection, sep = ",", na = "NA", quote = FALSE, row.names = FALSE, eol = "\n")
close(connection)
