"""Networks: tensors in, tensors out; they know no file, no seed and no cohort."""
