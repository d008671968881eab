import './base.css';
import './panel.css';
import './form.css';
import './review.css';
import './ledger.css';
import './share.css';
