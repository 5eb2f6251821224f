"""What rings for a sale, when, and how."""
