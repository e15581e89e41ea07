"""From an ECG page to numbers: a pretrained backbone, and what is fused with it."""
