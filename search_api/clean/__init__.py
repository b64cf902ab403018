"""The normalisers as a service: what a text is taken for, without looking anything up."""
