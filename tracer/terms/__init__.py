"""The language of terms: what a formula says, before it is put into a notation; it knows no tensor."""
