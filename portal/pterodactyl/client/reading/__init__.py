"""From the client API's answers to dataclasses. Shapes: `app/Transformers/Api/Client` (panel 1.11)."""
