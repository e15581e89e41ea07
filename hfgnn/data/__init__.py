"""What others published, as it lies on disk: ECG records, folders of pages, and their faults."""
